//! Which channel may be used for a lead, and the address that it is reached at. Decided from
//! recorded data and the customer's configuration alone, never from a message.

use std::collections::BTreeMap;

use hunter_contracts::{Channel, EmailAddress, EmailClass, EmailContact, Lead, Verification};

/// A way to reach a lead.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Route {
    /// The channel.
    pub channel: Channel,
    /// The address, number or profile.
    pub recipient: String,
}

/// Chooses the first of `channels` (best first) that may be used for the lead.
///
/// E-mail needs an address that is [`may_be_written_to`]. SMS, WhatsApp and Messenger are never cold: besides a number or profile
/// they need consent recorded for that channel under one of the lead's addresses or numbers.
/// LinkedIn needs a link to a profile.
///
/// # Errors
/// When no channel may be used: one reason per channel, in order.
pub fn route(
    lead: &Lead,
    channels: &[Channel],
    consents: &BTreeMap<String, Vec<Channel>>,
) -> Result<Route, Vec<String>> {
    let mut reasons = Vec::new();
    for &channel in channels {
        match recipient(lead, channel, consents) {
            Ok(recipient) => return Ok(Route { channel, recipient }),
            Err(reason) => reasons.push(format!("{channel}: {reason}")),
        }
    }
    Err(reasons)
}

fn recipient(
    lead: &Lead,
    channel: Channel,
    consents: &BTreeMap<String, Vec<Channel>>,
) -> Result<String, &'static str> {
    if let Channel::Sms | Channel::Whatsapp | Channel::Facebook = channel
        && !consented(lead, channel, consents)
    {
        return Err("no consent is recorded in `outreach.consents`");
    }
    let missing = match channel {
        Channel::Email => "no usable e-mail address was found",
        Channel::Sms | Channel::Whatsapp => "no phone number in international form was found",
        Channel::Facebook => "no link to a Facebook page was found",
        Channel::Linkedin => "no link to a LinkedIn profile was found",
    };
    let found = match channel {
        Channel::Email => {
            let mut emails = lead.emails.iter().flatten();
            let usable = emails.find(|e| may_be_written_to(e));
            usable.map(|e| e.email.as_str())
        }
        Channel::Sms | Channel::Whatsapp => phones(lead).find(|phone| is_e164(phone)),
        Channel::Facebook => profile(lead, "facebook.com"),
        Channel::Linkedin => profile(lead, "linkedin.com"),
    };
    found.map(str::to_owned).ok_or(missing)
}

/// Whether mail may be sent to an address at all: never where it is known not to receive any, and
/// never to a throw-away mailbox.
#[must_use]
pub fn may_be_written_to(email: &EmailContact) -> bool {
    let dead = matches!(
        email.verification,
        Some(Verification::Invalid | Verification::Disposable)
    );
    !dead && email.class != Some(EmailClass::Disposable)
}

fn phones(lead: &Lead) -> impl Iterator<Item = &str> {
    let contacts = lead.phone_contacts.iter().flatten();
    lead.phone
        .as_deref()
        .into_iter()
        .chain(contacts.map(|c| c.phone.as_str()))
}

fn is_e164(text: &str) -> bool {
    text.strip_prefix('+').is_some_and(|digits| {
        (7..=15).contains(&digits.len()) && digits.chars().all(|c| c.is_ascii_digit())
    })
}

/// The first link whose host is `domain` or below it.
fn profile<'a>(lead: &'a Lead, domain: &str) -> Option<&'a str> {
    let links = lead.website_metadata.as_ref()?.social_links.iter();
    links.map(String::as_str).find(|link| {
        let Some(rest) = link
            .strip_prefix("https://")
            .or(link.strip_prefix("http://"))
        else {
            return false;
        };
        let host = rest.split(['/', '?', '#']).next().unwrap_or_default();
        let host = host.to_ascii_lowercase();
        let below = host
            .strip_suffix(domain)
            .is_some_and(|h| h.is_empty() || h.ends_with('.'));
        below && !link.chars().any(|c| c.is_whitespace() || c.is_control())
    })
}

fn consented(lead: &Lead, channel: Channel, consents: &BTreeMap<String, Vec<Channel>>) -> bool {
    let digits = |text: &str| -> String { text.chars().filter(char::is_ascii_digit).collect() };
    let numbers: Vec<String> = phones(lead).map(digits).filter(|d| d.len() >= 7).collect();
    consents
        .iter()
        .filter(|(_, channels)| channels.contains(&channel))
        .any(|(text, _)| match text.parse::<EmailAddress>() {
            Ok(address) => {
                let mut emails = lead.emails.iter().flatten();
                emails.any(|e| e.email.key() == address.key())
            }
            Err(_) => !text.contains('@') && numbers.contains(&digits(text)),
        })
}

#[cfg(test)]
mod tests {
    use hunter_contracts::{EmailContact, LeadId, WebsiteMetadata};

    use super::*;

    fn lead(email: Option<&str>, phone: Option<&str>, links: &[&str]) -> Lead {
        let mut lead = Lead::new(LeadId::derived("lead", "1"));
        lead.emails = email.map(|email| vec![EmailContact::new(email.parse().unwrap())]);
        lead.phone = phone.map(str::to_owned);
        lead.website_metadata = Some(WebsiteMetadata {
            social_links: links.iter().map(|l| (*l).to_owned()).collect(),
            ..WebsiteMetadata::default()
        });
        lead
    }

    #[test]
    fn the_first_allowed_channel_with_an_address_wins() {
        let all = [Channel::Linkedin, Channel::Email];
        let none = BTreeMap::new();
        let linkedin = "https://www.linkedin.com/company/x";
        let got = route(&lead(Some("a@b.de"), None, &[linkedin]), &all, &none).unwrap();
        assert_eq!(
            (got.channel, got.recipient.as_str()),
            (Channel::Linkedin, linkedin)
        );
        let got = route(
            &lead(Some("a@b.de"), None, &["https://evil-linkedin.com/x"]),
            &all,
            &none,
        );
        assert_eq!(got.unwrap().channel, Channel::Email);
        assert_eq!(
            route(&lead(None, None, &[]), &all, &none)
                .unwrap_err()
                .len(),
            2
        );
    }

    #[test]
    fn dead_and_throw_away_addresses_are_never_chosen() {
        let none = BTreeMap::new();
        let chosen = |verification, class| {
            let mut lead = lead(Some("a@b.de"), None, &[]);
            let emails = lead.emails.as_mut().unwrap();
            let other = EmailContact {
                email: "second@b.de".parse().unwrap(),
                ..emails[0].clone()
            };
            (emails[0].verification, emails[0].class) = (verification, class);
            emails.push(other);
            route(&lead, &[Channel::Email], &none).unwrap().recipient
        };
        for verification in [Verification::Invalid, Verification::Disposable] {
            assert_eq!(chosen(Some(verification), None), "second@b.de");
        }
        assert_eq!(chosen(None, Some(EmailClass::Disposable)), "second@b.de");
        for verification in [
            Verification::Valid,
            Verification::AcceptAll,
            Verification::Webmail,
            Verification::Unknown,
        ] {
            let role = Some(EmailClass::Role);
            assert_eq!(chosen(Some(verification), role), "a@b.de");
        }
    }

    #[test]
    fn text_messages_are_never_cold() {
        let lead = lead(None, Some("+49 341 1234567"), &["https://facebook.com/x"]);
        let mut lead = lead;
        lead.phone = Some("+493411234567".into());
        let never_cold = [Channel::Sms, Channel::Whatsapp, Channel::Facebook];
        assert!(route(&lead, &never_cold, &BTreeMap::new()).is_err());
        let other = BTreeMap::from([("+493417654321".to_owned(), vec![Channel::Sms])]);
        assert!(route(&lead, &never_cold, &other).is_err());
        let own = BTreeMap::from([("+49 341 1234567".to_owned(), vec![Channel::Whatsapp])]);
        assert_eq!(
            route(&lead, &never_cold, &own).unwrap().channel,
            Channel::Whatsapp
        );
    }

    #[test]
    fn consent_holds_for_every_way_to_write_an_address() {
        let mut lead = lead(Some("Info@xn--mller-kva.de"), Some("+493411234567"), &[]);
        let sms = |lead: &Lead, text: &str| {
            let consents = BTreeMap::from([(text.to_owned(), vec![Channel::Sms])]);
            route(lead, &[Channel::Sms], &consents).is_ok()
        };
        assert!(sms(&lead, "info@Müller.de"));
        assert!(!sms(&lead, "info@muller.de"));
        lead.phone = Some("+4934112345".into());
        assert!(!sms(&lead, "4934112345@"), "no address and no number");
    }
}

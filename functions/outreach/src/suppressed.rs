//! Addresses on the suppression list are taken out of a lead before its channel is chosen.

use std::{borrow::Cow, collections::BTreeMap};

use hunter_contracts::{Channel, EmailAddress, Lead, RecipeFailure};
use hunter_core::{recipe::Context, store::Suppression};

/// The addresses of a step's leads that are on the suppression list.
#[derive(Debug, Default)]
pub(crate) struct Suppressed(BTreeMap<String, Suppression>);

impl Suppressed {
    /// Looks up every address that one of the channels could use.
    ///
    /// # Errors
    /// When the store fails: without the list nothing may be drafted.
    pub(crate) async fn among(
        context: &Context,
        leads: &[&Lead],
        channels: &[Channel],
    ) -> Result<Self, RecipeFailure> {
        let mut addresses: Vec<String> = leads
            .iter()
            .flat_map(|lead| addresses(lead, channels))
            .collect();
        addresses.sort_unstable();
        addresses.dedup();
        Ok(Self(context.store.suppressed(&addresses).await?))
    }

    /// The lead without what is on the list, and what was taken out, for a person.
    pub(crate) fn taken_out_of<'a>(&self, lead: &'a Lead) -> (Cow<'a, Lead>, Vec<String>) {
        let every = [Channel::Email, Channel::Sms, Channel::Linkedin];
        let mut out: Vec<String> = addresses(lead, &every)
            .filter_map(|address| self.0.get(&address))
            .map(|entry| format!("{} ({})", entry.masked, entry.reason))
            .collect();
        if out.is_empty() {
            return (Cow::Borrowed(lead), out);
        }
        out.sort_unstable();
        out.dedup();
        let listed = |address: &str| self.0.contains_key(address);
        let mut lead = lead.clone();
        if let Some(emails) = &mut lead.emails {
            emails.retain(|email| !listed(email.email.as_str()));
        }
        lead.phone = lead.phone.filter(|phone| !listed(phone));
        if let Some(contacts) = &mut lead.phone_contacts {
            contacts.retain(|c| {
                let email = c.email.as_ref().map(EmailAddress::as_str);
                !listed(&c.phone) && !email.is_some_and(listed)
            });
        }
        if let Some(site) = &mut lead.website_metadata {
            site.social_links.retain(|link| !listed(link));
        }
        (Cow::Owned(lead), out)
    }
}

/// What some channels could reach a lead at.
fn addresses<'a>(lead: &'a Lead, channels: &[Channel]) -> impl Iterator<Item = String> + 'a {
    let of = |wanted: &[Channel]| channels.iter().any(|channel| wanted.contains(channel));
    // A person who opted out by mail is not called either.
    let mail = of(&[Channel::Email, Channel::Sms, Channel::Whatsapp]);
    let numbers = of(&[Channel::Sms, Channel::Whatsapp]);
    let profiles = of(&[Channel::Linkedin, Channel::Facebook]);
    let emails = lead.emails.iter().flatten().map(|email| &email.email);
    let contacts = || lead.phone_contacts.iter().flatten();
    let theirs = contacts().filter_map(|contact| contact.email.as_ref());
    let phones = lead.phone.iter().chain(contacts().map(|c| &c.phone));
    let links = lead
        .website_metadata
        .iter()
        .flat_map(|site| &site.social_links);
    let mail = emails.chain(theirs).filter(move |_| mail);
    let numbers = phones.filter(move |_| numbers);
    let others = numbers.chain(links.filter(move |_| profiles));
    mail.map(ToString::to_string).chain(others.cloned())
}

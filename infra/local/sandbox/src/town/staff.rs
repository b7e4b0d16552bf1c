//! Who works at a business and how mail reaches it: what contact services and name servers know,
//! and web sites mostly do not tell.

use serde::Serialize;

use super::business::{Business, Person};
use super::cities::city_named;
use super::names::{person, slug};
use crate::dice::{Dice, mix};

/// Somebody who works at a business.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Colleague {
    /// Who it is.
    pub person: Person,
    /// What they do there.
    pub position: &'static str,
    /// Department in Hunter.io's words.
    pub department: &'static str,
    /// `executive`, `senior` or `junior`.
    pub seniority: &'static str,
    /// Their own address at the business, lower case.
    pub email: String,
    /// Whether the site shows the address; most are known to contact services only.
    pub on_site: bool,
    /// A direct number, as in `+1 202 555 0143`.
    pub phone: Option<String>,
    /// Profile, as in `https://www.linkedin.com/in/ada-lovelace-3f2a`.
    pub linkedin: String,
    /// Whether the mailbox exists.
    pub mailbox: Mailbox,
    /// They asked contact services to be left alone: 451 where a service says so.
    pub opted_out: bool,
    /// Whether Hunter.io's index has them.
    pub known_to_hunter_io: bool,
    /// Whether RocketReach has them.
    pub known_to_rocketreach: bool,
}

/// What a mail host says of a mailbox.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Mailbox {
    /// It takes mail.
    Exists,
    /// There is none by that name (any more).
    Gone,
}

/// How a domain takes mail.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum MailDomain {
    /// MX, and the host tells which mailboxes there are.
    Receives,
    /// MX, and the host takes mail for every name.
    AcceptsAll,
    /// MX, but the host does not talk to strangers: verifiers learn nothing.
    Silent,
    /// No MX, but an address, which takes mail by RFC 5321 §5.1.
    AddressOnly,
    /// A null MX (RFC 7505): no mail.
    Refuses,
    /// The name server fails: nothing is known.
    Failing,
}

impl MailDomain {
    /// Whether mail for some name there can arrive.
    #[must_use]
    pub fn receives(self) -> bool {
        self != Self::Refuses
    }
}

const POSITIONS: [(&str, &str, &str); 8] = [
    ("Practice Manager", "management", "senior"),
    ("Office Manager", "operations", "senior"),
    ("Marketing Manager", "marketing", "senior"),
    ("Head of Operations", "operations", "executive"),
    ("Accountant", "finance", "junior"),
    ("Receptionist", "support", "junior"),
    ("Sales Assistant", "sales", "junior"),
    ("IT Coordinator", "it", "junior"),
];

impl Business {
    /// Who works there, the owner first; nobody where there is no site, since services index
    /// businesses by domain. Listings that share a site share its people.
    #[must_use]
    pub fn colleagues(&self) -> Vec<Colleague> {
        let (Some(host), Some(city)) = (&self.website, city_named(self.city)) else {
            return Vec::new();
        };
        let mut dice = Dice::keyed(0, &["staff", host]);
        let count = match dice.between(0, 99) {
            0..40 => 0,
            40..92 => dice.between(1, 3),
            _ => dice.between(14, 24),
        };
        let indexed = dice.chance(0.75);
        let mut colleagues: Vec<Colleague> = Vec::new();
        for number in 0..=count {
            let (who, (position, department, seniority)) = if number == 0 {
                (self.owner.clone(), ("Owner", "executive", "executive"))
            } else {
                let position = dice.pick(&POSITIONS).copied();
                (person(city, &mut dice), position.unwrap_or(("", "", "")))
            };
            let published = (number == 0)
                .then(|| self.owners_address().map(str::to_owned))
                .flatten();
            let on_site = published.is_some();
            let email = published.unwrap_or_else(|| address(&who, self.mail_pattern(), host));
            let phone = dice.chance(0.5).then(|| direct_number(&mut dice));
            let tag = mix(0, &[&email]) & 0xffff;
            let colleague = Colleague {
                position,
                department,
                seniority,
                linkedin: format!(
                    "https://www.linkedin.com/in/{}-{}-{tag:04x}",
                    slug(&who.first_latin),
                    slug(&who.last_latin)
                ),
                on_site,
                phone,
                mailbox: if on_site || dice.chance(0.9) {
                    Mailbox::Exists
                } else {
                    Mailbox::Gone
                },
                // Not those whose own site shows the address to everybody.
                opted_out: dice.chance(0.08) && !on_site,
                known_to_hunter_io: indexed && dice.chance(0.85),
                known_to_rocketreach: dice.chance(0.6),
                email,
                person: who,
            };
            if colleagues
                .iter()
                .all(|other| other.email != colleague.email)
            {
                colleagues.push(colleague);
            }
        }
        colleagues
    }

    /// The colleague of that name, in Latin letters or in their own.
    pub(crate) fn colleague_named(&self, name: &str) -> Option<Colleague> {
        let wanted = name.trim().to_lowercase();
        self.colleagues().into_iter().find(|colleague| {
            let who = &colleague.person;
            let latin = format!("{} {}", who.first_latin, who.last_latin).to_lowercase();
            wanted == latin
                || wanted == who.name.to_lowercase()
                || deunicode::deunicode(&wanted) == deunicode::deunicode(&latin)
        })
    }

    /// How the business forms addresses, in Hunter.io's notation.
    #[must_use]
    pub fn mail_pattern(&self) -> &'static str {
        let host = self.website.as_deref().unwrap_or_default();
        match mix(0, &["pattern", host]) % 3 {
            0 => "{first}",
            1 => "{f}{last}",
            _ => "{first}.{last}",
        }
    }

    /// How its domain takes mail. One that shows addresses on its site takes mail.
    #[must_use]
    pub fn mail_domain(&self) -> MailDomain {
        let host = self.website.as_deref().unwrap_or_default();
        match mix(0, &["mail", host]) % 100 {
            0..10 => MailDomain::AcceptsAll,
            10..16 => MailDomain::Silent,
            16..22 => MailDomain::AddressOnly,
            22..24 => MailDomain::Failing,
            24..44 if self.emails.is_empty() => MailDomain::Refuses,
            _ => MailDomain::Receives,
        }
    }

    /// The owner's own address, where the site shows it.
    fn owners_address(&self) -> Option<&str> {
        let (first, last) = (slug(&self.owner.first_latin), slug(&self.owner.last_latin));
        let own = [
            first.clone(),
            format!("{first}.{last}"),
            format!("dr.{last}"),
        ];
        self.emails
            .iter()
            .map(|email| email.address.as_str())
            .find(|address| {
                let name = address.split('@').next().unwrap_or_default();
                own.iter().any(|own| own == name)
            })
    }
}

fn address(who: &Person, pattern: &str, host: &str) -> String {
    let (first, last) = (slug(&who.first_latin), slug(&who.last_latin));
    let initial: String = first.chars().take(1).collect();
    let name = pattern
        .replace("{first}", &first)
        .replace("{last}", &last)
        .replace("{f}", &initial);
    format!("{name}@{host}")
}

/// From the range that is kept for fiction (NANP 555-0100 to 555-0199).
fn direct_number(dice: &mut Dice) -> String {
    format!("+1 202 555 01{:02}", dice.between(0, 99))
}

#[cfg(test)]
mod tests {
    use super::super::{Town, TownOptions};

    #[test]
    fn most_people_are_known_to_services_only() {
        let now = "2026-03-01T09:00:00Z".parse().unwrap();
        let town = Town::generate(TownOptions::new(3, now));
        let (mut hidden, mut shown) = (0, 0);
        for business in town.businesses() {
            let colleagues = business.colleagues();
            assert_eq!(colleagues, business.colleagues());
            let Some(host) = &business.website else {
                assert!(colleagues.is_empty());
                continue;
            };
            for colleague in colleagues {
                assert!(colleague.email.ends_with(&format!("@{host}")));
                let on_site = business.emails.iter().any(|e| e.address == colleague.email);
                assert_eq!(colleague.on_site, on_site, "{}", colleague.email);
                assert!(!(colleague.on_site && colleague.opted_out));
                hidden += usize::from(!on_site);
                shown += usize::from(on_site);
            }
            if !business.emails.is_empty() {
                assert!(business.mail_domain().receives(), "{host}");
            }
        }
        assert!(hidden > 200 && shown > 10, "{hidden} hidden, {shown} shown");
    }
}

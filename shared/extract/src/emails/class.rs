//! What kind of mailbox an address names, told from the address alone.

use hunter_contracts::{EmailAddress, EmailClass};

use super::{EmailRole, confidence::role_of};
use crate::domains;
use crate::list::List;

/// The class of an address by its name and domain: free mail by the domain, a function's mailbox by
/// the name, else a person's. Throw-away mailboxes are not told from others here.
///
/// A function's mailbox is one whose name, or a part of it between `.`, `-`, `_` or `+`, is a
/// function or a kind of business in one of the languages below (`info@`, `office.leipzig@`,
/// `zahnarztpraxis@`), or which is called like its domain (`apollo@apollo.com`).
#[must_use]
pub fn email_class(address: &EmailAddress) -> EmailClass {
    let (local, domain) = (address.local().to_ascii_lowercase(), address.domain());
    if is_free_mail(domain) {
        return EmailClass::FreeMail;
    }
    if is_function(&local, domain) {
        EmailClass::Role
    } else {
        EmailClass::Personal
    }
}

/// Whether anybody can have a mailbox at a domain: one of the providers that businesses use, or a
/// large provider under any suffix (`yahoo.com.ar`, `hotmail.nl`).
pub(super) fn is_free_mail(domain: &str) -> bool {
    let brand = || {
        let own = domains::registrable(domain);
        let label = own.as_deref().and_then(|own| own.split('.').next());
        label.is_some_and(|label| FREE_BRANDS.contains(&label))
    };
    domains::is_free_mail(domain) || FREE_MAIL.has(domain) || brand()
}

/// Providers whose name is theirs under every suffix.
const FREE_BRANDS: [&str; 14] = [
    "gmail",
    "googlemail",
    "yahoo",
    "ymail",
    "rocketmail",
    "hotmail",
    "outlook",
    "live",
    "msn",
    "gmx",
    "aol",
    "yandex",
    "protonmail",
    "icloud",
];

/// Providers that the extractor's list leaves out, among them the vanity domains of mail.com, which
/// lists of throw-away mailboxes often name.
static FREE_MAIL: List = List(include_str!("../../data/free_mail.txt"));

fn is_function(local: &str, domain: &str) -> bool {
    if role_of(local) != EmailRole::Personal {
        return true;
    }
    let known = |part: &str| {
        let part = part.trim_matches(|c: char| c.is_ascii_digit());
        FUNCTIONS.has(part) || role_of(part) != EmailRole::Personal
    };
    let letters = |text: &str| -> String { text.chars().filter(|c| c.is_alphanumeric()).collect() };
    let whole = letters(local);
    let label = domain.split('.').next().unwrap_or_default();
    whole.chars().all(|c| c.is_ascii_digit())
        || known(&whole)
        || local.split(['.', '-', '_', '+']).any(known)
        || STEMS.is_in(&whole)
        || (!label.is_empty() && whole == letters(label))
}

/// Beginnings and parts of names that no person's name holds.
static STEMS: List = List(include_str!("../../data/mailbox_stems.txt"));

/// Functions and kinds of business that the extractor's own lists leave out: English, German, French,
/// Spanish, Italian, Portuguese, Dutch, Polish, Czech, Nordic, Turkish.
static FUNCTIONS: List = List(include_str!("../../data/mailbox_functions.txt"));

#[cfg(test)]
mod tests {
    use std::{fs, path::Path};

    use super::*;

    #[test]
    fn names_of_functions_are_told_from_names_of_people() {
        use EmailClass::{FreeMail, Personal, Role};
        for (address, class) in [
            ("info@apollo.com", Role),
            ("Info@Apollo.com", Role),
            ("office.leipzig@kette.de", Role),
            ("leipzig-office@kette.de", Role),
            ("zahnarztpraxis-mueller@park.de", Role),
            ("apollo-dental@apollodental.com", Role),
            ("ventas@tienda.es", Role),
            ("segreteria@studio.it", Role),
            ("biuro@firma.pl", Role),
            ("recepcao@clinica.br", Role),
            ("team2@x.de", Role),
            ("4711@x.de", Role),
            ("datenschutz@x.de", Role),
            ("rajesh@apollo-dental.com", Personal),
            ("anna.mueller@praxis-park.de", Personal),
            ("a.mueller@praxis-park.de", Personal),
            ("j_smith@firm.co.uk", Personal),
            ("ismail.stafford@x.com", Personal),
            ("albert.newsome@x.com", Personal),
            ("marketa.novakova@x.cz", Personal),
            ("christa.testori@x.it", Personal),
            ("praxis@gmail.com", FreeMail),
            ("anna.mueller@web.de", FreeMail),
            ("a@mail.ru", FreeMail),
            ("a@yahoo.com.ar", FreeMail),
            ("a@dr.com", FreeMail),
            ("anna@yahoo-praxis.de", Personal),
        ] {
            assert_eq!(email_class(&address.parse().unwrap()), class, "{address}");
        }
    }

    /// The public list of role names (mixmaxhq/role-based-email-addresses), where it is there.
    #[test]
    fn most_of_the_public_role_names_are_known() {
        let list = Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("../../../shared/realworld/email/role_local_parts.txt");
        let Ok(list) = fs::read_to_string(&list) else {
            println!("skipped: {} is not there", list.display());
            return;
        };
        let names: Vec<&str> = list.lines().filter(|l| !l.is_empty()).collect();
        let missed: Vec<&&str> = names
            .iter()
            .filter(|name| {
                let address = format!("{name}@firm.example").parse();
                address.is_ok_and(|address| email_class(&address) != EmailClass::Role)
            })
            .collect();
        let known = names.len() - missed.len();
        println!("{known} of {} role names; missed {missed:?}", names.len());
        assert!(
            known * 100 >= names.len() * 60,
            "{known} of {}",
            names.len()
        );
    }

    /// The public list of free-mail providers (willwhite/freemail), where it is there: ours names
    /// those that businesses in our countries use.
    #[test]
    fn free_mail_is_what_the_public_list_says() {
        let list =
            Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/realworld/email/free.txt");
        let Ok(list) = fs::read_to_string(&list) else {
            println!("skipped: {} is not there", list.display());
            return;
        };
        let known = |d: &&str| {
            let address = format!("x@{d}").parse();
            address.is_ok_and(|address| email_class(&address) == EmailClass::FreeMail)
        };
        let found = list.lines().filter(known).count();
        println!("{found} of {} free-mail domains", list.lines().count());
        assert!(found >= 250, "{found}");
    }
}

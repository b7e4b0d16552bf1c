//! What is known of a service, in one place: a row of `SERVICES`.

use std::ops::Deref;

use hunter_contracts::{Dollars, ErrorCode, RecipeFailure};

use crate::{
    client::{Pricing, Service},
    http,
};

/// An outside service. Its own module holds it, and everything that has to know the service reads
/// it here.
#[derive(Debug, Clone, Copy)]
pub struct ServiceSpec {
    /// What its clients see of it.
    pub service: Service,
    /// What it is asked for.
    pub kind: Kind,
    /// The secret that holds a customer's key, as in `hunter_io_key`; absent where none is needed.
    pub key: Option<&'static str>,
    /// Its own address, as in `https://api.hunter.io`; absent where `models.toml` says it.
    pub base_url: Option<&'static str>,
    /// The variable that names another address, as in `HUNTER_HUNTER_IO_URL`.
    pub variable: &'static str,
    /// What one has of it, in a few words.
    pub gives: &'static str,
    /// What its terms want shown.
    pub attribution: Option<&'static str>,
}

impl Deref for ServiceSpec {
    type Target = Service;

    fn deref(&self) -> &Service {
        &self.service
    }
}

/// What a service is asked for.
#[derive(Debug, Clone, Copy)]
pub enum Kind {
    /// Places.
    Places,
    /// People, addresses and companies.
    #[cfg(feature = "contacts")]
    Contacts(crate::contacts::spec::ContactSpec),
    /// Hosts that take mail.
    MailHosts,
    /// Answers of language models.
    Models,
}

impl ServiceSpec {
    /// The field that is wrong, and what is.
    fn wrong(&self) -> Option<(&'static str, &'static str)> {
        let by_model = matches!(self.kind, Kind::Models);
        let needs_key = !matches!(self.kind, Kind::Places | Kind::MailHosts);
        let key = self.key.map_or(!needs_key, |key| !key.is_empty());
        let address = self
            .base_url
            .map_or(by_model, |url| http::check_base_url(url).is_ok());
        let variable = self.variable.starts_with("HUNTER_") && self.variable.ends_with("_URL");
        let priced = match self.prices {
            // An account with a key is billed.
            Pricing::Free => self.key.is_none(),
            Pricing::ByModel => by_model,
            Pricing::List { units, .. } => {
                !units.is_empty() && units.iter().all(|(_, price)| *price > Dollars::ZERO)
            }
        };
        let checks = [
            ("id", !self.id.is_empty(), "is empty; write it"),
            ("name", !self.name.is_empty(), "is empty; write it"),
            ("key", key, "is missing; name the secret that holds it"),
            (
                "base_url",
                address,
                "is no address; write it as in `https://api.example.com`",
            ),
            (
                "variable",
                variable,
                "is no name; write it as in `HUNTER_EXAMPLE_URL`",
            ),
            (
                "prices",
                priced,
                "are missing; list what is billed, each above 0",
            ),
        ];
        let wrong = checks.into_iter().find(|(_, right, _)| !right);
        wrong.map(|(field, _, problem)| (field, problem))
    }
}

/// Whether a table of services can be used: each row is whole, and no two share a name, a key or a
/// variable.
///
/// # Errors
/// `INVALID_CONFIGURATION` naming the service and the field.
pub fn check_services(services: &[&ServiceSpec]) -> Result<(), RecipeFailure> {
    let refused = |service: &ServiceSpec, field: &str, problem: &str| {
        let message = format!("service `{}`: `{field}` {problem}", service.id);
        Err(RecipeFailure::new(ErrorCode::InvalidConfiguration, message))
    };
    let mut seen: Vec<&ServiceSpec> = Vec::new();
    for service in services {
        if let Some((field, problem)) = service.wrong() {
            return refused(service, field, problem);
        }
        for other in &seen {
            let shared = [
                ("id", other.id == service.id),
                ("key", service.key.is_some() && other.key == service.key),
                ("variable", other.variable == service.variable),
            ];
            if let Some((field, _)) = shared.iter().find(|(_, same)| *same) {
                let problem = format!("is also that of `{}`; give it its own", other.name);
                return refused(service, field, &problem);
            }
        }
        seen.push(service);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;
    use crate::{
        SERVICES,
        client::{Rate, by_status},
    };

    const LISTED: Pricing = Pricing::List {
        as_of: date(2026, 11, 22),
        units: &[("search", Dollars::from_nanos(1))],
    };
    const fn service(id: &'static str, name: &'static str, prices: Pricing) -> Service {
        Service {
            id,
            name,
            refusal: by_status,
            rate: Rate::UNLIMITED,
            prices,
        }
    }
    const ROW: ServiceSpec = ServiceSpec {
        service: service("some", "Some", LISTED),
        kind: Kind::Places,
        key: Some("some_key"),
        base_url: Some("https://api.example.com"),
        variable: "HUNTER_SOME_URL",
        gives: "tests",
        attribution: None,
    };
    const OTHER: ServiceSpec = ServiceSpec {
        service: service("other", "Other", LISTED),
        key: Some("other_key"),
        variable: "HUNTER_OTHER_URL",
        ..ROW
    };

    #[test]
    fn the_table_is_whole() {
        assert_eq!(check_services(SERVICES), Ok(()));
        for service in SERVICES {
            if let Pricing::List { as_of, units } = service.prices {
                assert!(
                    date(2026, 1, 1) <= as_of && as_of < date(2030, 1, 1),
                    "{as_of}"
                );
                for (operation, price) in units {
                    // A slip of the decimal point shows here.
                    let dollars = price.to_decimal();
                    assert!(
                        dollars > 1e-4 && dollars < 5.0,
                        "{} {operation}",
                        service.id
                    );
                }
            }
        }
    }

    #[test]
    fn a_row_that_is_not_whole_is_refused_by_its_field() {
        let of = |service: Service| ServiceSpec { service, ..OTHER };
        let unpriced = Pricing::List {
            as_of: date(2026, 1, 1),
            units: &[],
        };
        let rows = [
            ("id", of(service("", "Other", LISTED))),
            ("name", of(service("other", "", LISTED))),
            (
                "key",
                ServiceSpec {
                    key: Some(""),
                    ..OTHER
                },
            ),
            (
                "key",
                ServiceSpec {
                    key: None,
                    kind: Kind::Models,
                    ..OTHER
                },
            ),
            (
                "base_url",
                ServiceSpec {
                    base_url: None,
                    ..OTHER
                },
            ),
            (
                "base_url",
                ServiceSpec {
                    base_url: Some("example.com"),
                    ..OTHER
                },
            ),
            (
                "variable",
                ServiceSpec {
                    variable: "OTHER",
                    ..OTHER
                },
            ),
            ("prices", of(service("other", "Other", Pricing::Free))),
            ("prices", of(service("other", "Other", Pricing::ByModel))),
            ("prices", of(service("other", "Other", unpriced))),
            ("id", of(service("some", "Other", LISTED))),
            (
                "key",
                ServiceSpec {
                    key: ROW.key,
                    ..OTHER
                },
            ),
            (
                "variable",
                ServiceSpec {
                    variable: ROW.variable,
                    ..OTHER
                },
            ),
        ];
        for (field, row) in rows {
            let failure = check_services(&[&ROW, &row]).unwrap_err();
            assert_eq!(failure.code, ErrorCode::InvalidConfiguration);
            assert!(
                failure.message.contains(&format!("`{field}`")),
                "{field}: {failure}"
            );
        }
        assert_eq!(check_services(&[&ROW, &OTHER]), Ok(()));
    }

    #[test]
    fn what_is_not_listed_is_free() {
        assert_eq!(ROW.price("search").nanos(), 1);
        assert_eq!(ROW.price("nothing"), Dollars::ZERO);
    }
}

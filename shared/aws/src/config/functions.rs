//! Settings of single functions.

use std::{
    collections::BTreeMap,
    net::{SocketAddr, ToSocketAddrs},
    path::PathBuf,
};

use hunter_contracts::{EmailAddress, EmailAddressError};

use super::{ConfigError, Environment, web_address};

/// Which tokens the HTTP API believes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JwtSettings {
    /// `iss`, to the letter.
    pub issuer: String,
    /// `aud` (or `client_id`, where the issuer puts it there).
    pub audience: String,
    /// Where the issuer's keys are.
    pub jwks_url: String,
    /// The claim that names the customer; `tenant_id` where nothing else is set.
    pub tenant_claim: String,
}

impl JwtSettings {
    /// From `HUNTER_JWT_ISSUER`, `HUNTER_JWT_AUDIENCE`, `HUNTER_JWKS_URL`,
    /// `HUNTER_JWT_TENANT_CLAIM`.
    ///
    /// # Errors
    /// [`ConfigError`] naming the variable.
    pub fn from_environment(environment: &Environment) -> Result<Self, ConfigError> {
        let issuer = environment.required("HUNTER_JWT_ISSUER", "who issues the API's tokens")?;
        let audience = "whom the API's tokens are for (`aud`)";
        let audience = environment.required("HUNTER_JWT_AUDIENCE", audience)?;
        let keys = "HUNTER_JWKS_URL";
        let jwks_url = environment.required(keys, "the address of the token issuer's keys")?;
        let claim = environment.optional("HUNTER_JWT_TENANT_CLAIM");
        Ok(Self {
            issuer: issuer.to_owned(),
            audience: audience.to_owned(),
            jwks_url: web_address(keys, jwks_url)?,
            tenant_claim: claim.unwrap_or("tenant_id").to_owned(),
        })
    }
}

/// Whom notifications come from and go to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NotifySettings {
    /// The sender's address, verified with SES.
    pub mail_from: EmailAddress,
    /// Who is meant by the recipient `admin`.
    pub admin_email: EmailAddress,
}

impl NotifySettings {
    /// From `HUNTER_MAIL_FROM` and `HUNTER_ADMIN_EMAIL`.
    ///
    /// # Errors
    /// [`ConfigError`] naming the variable.
    pub fn from_environment(environment: &Environment) -> Result<Self, ConfigError> {
        let purpose = "the address that alerts for `admin` go to";
        Ok(Self {
            mail_from: mail_from(environment)?,
            admin_email: email_address(environment, "HUNTER_ADMIN_EMAIL", purpose)?,
        })
    }
}

/// The sender's address.
pub(crate) fn mail_from(environment: &Environment) -> Result<EmailAddress, ConfigError> {
    let purpose = "the address that mails are sent from, verified with SES";
    email_address(environment, "HUNTER_MAIL_FROM", purpose)
}

fn email_address(
    environment: &Environment,
    name: &str,
    purpose: &'static str,
) -> Result<EmailAddress, ConfigError> {
    let address = environment.required(name, purpose)?.parse();
    address.map_err(|error: EmailAddressError| ConfigError::Invalid {
        name: name.to_owned(),
        problem: format!("it must be one bare e-mail address: {}", error.problem),
    })
}

/// Names what answers for every web site.
const SITES_GATEWAY: &str = "HUNTER_SITES_GATEWAY";
/// Names another list of models than the one that is compiled in.
const MODELS_FILE: &str = "HUNTER_MODELS_FILE";

/// Other addresses for outside services than their own, for development only, and another list of
/// models.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ProviderSettings {
    /// Base addresses by service, as in `google_places` and `http://127.0.0.1:8080`; the others
    /// are reached at their own.
    pub addresses: BTreeMap<&'static str, String>,
    /// Plays every web site; absent: the sites themselves.
    pub sites_gateway: Option<SocketAddr>,
    /// A `models.toml`; absent: the one that is compiled in.
    pub models_file: Option<PathBuf>,
}

impl ProviderSettings {
    /// From the variables of `services`, pairs of a service's id and its variable (addresses that
    /// begin with `http://` or `https://`), `HUNTER_SITES_GATEWAY` (`host:port`) and
    /// `HUNTER_MODELS_FILE` (a file).
    ///
    /// # Errors
    /// [`ConfigError`] naming the variable.
    pub fn from_environment(
        environment: &Environment,
        services: impl IntoIterator<Item = (&'static str, &'static str)>,
    ) -> Result<Self, ConfigError> {
        let mut addresses = BTreeMap::new();
        for (service, name) in services {
            if let Some(url) = environment.optional(name) {
                addresses.insert(service, web_address(name, url)?);
            }
        }
        let invalid = |name: &str, problem: &str| ConfigError::Invalid {
            name: name.into(),
            problem: problem.into(),
        };
        let address = |set: &str| {
            let found = set.to_socket_addrs().ok().and_then(|mut all| all.next());
            let problem = "it must be a host and a port, as in `127.0.0.1:8080`";
            found.ok_or_else(|| invalid(SITES_GATEWAY, problem))
        };
        let file = |set: &str| {
            let path = PathBuf::from(set);
            let problem = "there is no such file; it must be a `models.toml`";
            let found = path.is_file().then_some(path);
            found.ok_or_else(|| invalid(MODELS_FILE, problem))
        };
        let gateway = environment.optional(SITES_GATEWAY);
        let models = environment.optional(MODELS_FILE);
        Ok(Self {
            addresses,
            sites_gateway: gateway.map(address).transpose()?,
            models_file: models.map(file).transpose()?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SERVICES: [(&str, &str); 2] = [
        ("google_places", "HUNTER_GOOGLE_PLACES_URL"),
        ("dns", "HUNTER_DNS_URL"),
    ];

    fn of(name: &str, value: &str) -> Result<ProviderSettings, ConfigError> {
        ProviderSettings::from_environment(&[(name, value)].into_iter().collect(), SERVICES)
    }

    #[test]
    fn addresses_for_development_are_checked() {
        let empty = ProviderSettings::from_environment(&Environment::default(), SERVICES);
        assert_eq!(empty, Ok(ProviderSettings::default()));
        for (service, name) in SERVICES {
            let found = of(name, "http://127.0.0.1:9/").unwrap().addresses;
            let expected = [(service, "http://127.0.0.1:9".to_owned())].into();
            assert_eq!(found, expected, "{name}");
            let error = of(name, "127.0.0.1:9").unwrap_err();
            assert!(error.to_string().contains(name), "{error}");
        }
        let found = of("HUNTER_SITES_GATEWAY", "127.0.0.1:9").unwrap();
        assert_eq!(found.sites_gateway, Some(([127, 0, 0, 1], 9).into()));
        for (name, value) in [
            ("HUNTER_SITES_GATEWAY", "http://127.0.0.1:9"),
            ("HUNTER_SITES_GATEWAY", "127.0.0.1"),
            ("HUNTER_MODELS_FILE", "no/such/models.toml"),
            ("HUNTER_MODELS_FILE", "."),
        ] {
            let error = of(name, value).unwrap_err();
            assert!(error.to_string().contains(name), "{error}");
        }
    }

    #[test]
    fn another_list_of_models_is_a_file() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("models.toml");
        std::fs::write(&path, "").unwrap();
        let found = of("HUNTER_MODELS_FILE", path.to_str().unwrap()).unwrap();
        assert_eq!(found.models_file, Some(path));
    }
}

//! Settings of single functions.

use std::net::{SocketAddr, ToSocketAddrs};

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
    pub mail_from: String,
    /// Who is meant by the recipient `admin`.
    pub admin_email: String,
}

impl NotifySettings {
    /// From `HUNTER_MAIL_FROM` and `HUNTER_ADMIN_EMAIL`.
    ///
    /// # Errors
    /// [`ConfigError`] naming the variable.
    pub fn from_environment(environment: &Environment) -> Result<Self, ConfigError> {
        let admin_email = "the address that alerts for `admin` go to";
        let admin_email = environment.required("HUNTER_ADMIN_EMAIL", admin_email)?;
        Ok(Self {
            mail_from: mail_from(environment)?,
            admin_email: admin_email.to_owned(),
        })
    }
}

/// The sender's address.
pub(crate) fn mail_from(environment: &Environment) -> Result<String, ConfigError> {
    let purpose = "the address that mails are sent from, verified with SES";
    let from = environment.required("HUNTER_MAIL_FROM", purpose)?;
    Ok(from.to_owned())
}

/// Other addresses for outside services than their own: for development only.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ProviderSettings {
    /// In place of Google Places.
    pub google_places_url: Option<String>,
    /// In place of the public Overpass server.
    pub overpass_url: Option<String>,
    /// Plays every web site; absent: the sites themselves.
    pub sites_gateway: Option<SocketAddr>,
}

impl ProviderSettings {
    /// From `HUNTER_GOOGLE_PLACES_URL`, `HUNTER_OVERPASS_URL` and `HUNTER_SITES_GATEWAY`
    /// (`host:port`).
    ///
    /// # Errors
    /// [`ConfigError`] naming the variable.
    pub fn from_environment(environment: &Environment) -> Result<Self, ConfigError> {
        let url = |name| {
            let set = environment.optional(name);
            set.map(|url| web_address(name, url)).transpose()
        };
        let gateway = "HUNTER_SITES_GATEWAY";
        let address = |set: &str| {
            let found = set.to_socket_addrs().ok().and_then(|mut all| all.next());
            found.ok_or_else(|| ConfigError::Invalid {
                name: gateway.into(),
                problem: "it must be a host and a port, as in `127.0.0.1:8080`".into(),
            })
        };
        Ok(Self {
            google_places_url: url("HUNTER_GOOGLE_PLACES_URL")?,
            overpass_url: url("HUNTER_OVERPASS_URL")?,
            sites_gateway: environment.optional(gateway).map(address).transpose()?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_for_development_are_checked() {
        let of = |name: &str, value: &str| {
            ProviderSettings::from_environment(&[(name, value)].into_iter().collect())
        };
        let empty = ProviderSettings::from_environment(&Environment::default());
        assert_eq!(empty, Ok(ProviderSettings::default()));
        let found = of("HUNTER_OVERPASS_URL", "http://127.0.0.1:9/").unwrap();
        assert_eq!(found.overpass_url.as_deref(), Some("http://127.0.0.1:9"));
        let found = of("HUNTER_SITES_GATEWAY", "127.0.0.1:9").unwrap();
        assert_eq!(found.sites_gateway, Some(([127, 0, 0, 1], 9).into()));
        for (name, value) in [
            ("HUNTER_GOOGLE_PLACES_URL", "127.0.0.1:9"),
            ("HUNTER_SITES_GATEWAY", "http://127.0.0.1:9"),
            ("HUNTER_SITES_GATEWAY", "127.0.0.1"),
        ] {
            let error = of(name, value).unwrap_err();
            assert!(error.to_string().contains(name), "{error}");
        }
    }
}

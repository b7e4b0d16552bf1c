//! The HTTP clients that all services share: one without and one with TLS, each made when it is
//! first needed, and its TLS when a service is first called.

use std::{path::PathBuf, sync::OnceLock};

use aws_sdk_dynamodb::config::SharedHttpClient;
use aws_smithy_http_client::Builder as HttpBuilder;
#[cfg(feature = "https")]
use aws_smithy_runtime_api::client::{
    connector_metadata::ConnectorMetadata,
    http::{HttpClient, HttpConnectorSettings, SharedHttpConnector},
    runtime_components::RuntimeComponents,
};

use super::{ConfigError, Environment};

/// Names a PEM file whose certificates are trusted instead of Amazon's.
const CA_BUNDLE: &str = "AWS_CA_BUNDLE";

/// Clients share their connections over all services.
#[derive(Debug, Clone, Default)]
pub(crate) struct HttpClients {
    plain: OnceLock<SharedHttpClient>,
    tls: OnceLock<SharedHttpClient>,
    ca_bundle: Option<PathBuf>,
}

impl HttpClients {
    pub(crate) fn of(environment: &Environment) -> Self {
        Self {
            ca_bundle: environment.optional(CA_BUNDLE).map(PathBuf::from),
            ..Self::default()
        }
    }

    pub(crate) fn get(&self, plain: bool) -> Result<SharedHttpClient, ConfigError> {
        if plain {
            let client = self.plain.get_or_init(|| HttpBuilder::new().build_http());
            return Ok(client.clone());
        }
        if let Some(client) = self.tls.get() {
            return Ok(client.clone());
        }
        let client = https_client(self.ca_bundle.as_deref())?;
        Ok(self.tls.get_or_init(|| client).clone())
    }
}

#[cfg(feature = "https")]
fn https_client(ca_bundle: Option<&std::path::Path>) -> Result<SharedHttpClient, ConfigError> {
    use aws_smithy_http_client::tls::{
        Provider, TlsContext, TrustStore, rustls_provider::CryptoMode,
    };
    let roots = match ca_bundle {
        None => AMAZON_ROOTS.as_bytes().to_vec(),
        Some(path) => read_bundle(path)?,
    };
    // The machine's own roots are left out: reading all of them takes longer than the rest of a
    // function's start.
    let trusted = TrustStore::empty().with_pem_certificate(roots);
    let context = TlsContext::builder().with_trust_store(trusted).build();
    let context = context.map_err(|error| invalid(error.to_string()))?;
    let builder = HttpBuilder::new().tls_provider(Provider::Rustls(CryptoMode::Ring));
    Ok(SharedHttpClient::new(OnFirstCall(
        builder.tls_context(context).build_https(),
    )))
}

/// Leaves out what the SDK's HTTP client does whenever a service's client is made of it: it builds a
/// connector, parsing all certificates, and drops it, so that errors show early. Ours cannot fail:
/// [`read_bundle`] has parsed them. The connector of the first call is kept for all services.
#[cfg(feature = "https")]
#[derive(Debug)]
struct OnFirstCall(SharedHttpClient);

#[cfg(feature = "https")]
impl HttpClient for OnFirstCall {
    fn http_connector(
        &self,
        settings: &HttpConnectorSettings,
        components: &RuntimeComponents,
    ) -> SharedHttpConnector {
        self.0.http_connector(settings, components)
    }

    fn connector_metadata(&self) -> Option<ConnectorMetadata> {
        self.0.connector_metadata()
    }
}

/// Amazon's own roots, which all its public endpoints chain to; see `roots/README.md`.
#[cfg(feature = "https")]
const AMAZON_ROOTS: &str = concat!(
    include_str!("../../roots/amazon-root-ca-1.pem"),
    include_str!("../../roots/amazon-root-ca-2.pem"),
    include_str!("../../roots/amazon-root-ca-3.pem"),
    include_str!("../../roots/amazon-root-ca-4.pem"),
    include_str!("../../roots/starfield-services-root-ca-g2.pem"),
);

/// The file's bytes when it holds certificates only: the client panics on others.
#[cfg(feature = "https")]
fn read_bundle(path: &std::path::Path) -> Result<Vec<u8>, ConfigError> {
    let bytes = std::fs::read(path)
        .map_err(|error| invalid(format!("its file cannot be read: {error}")))?;
    match certificates(&bytes) {
        Ok(0) => Err(invalid("its file holds no certificate in PEM form".into())),
        Ok(_) => Ok(bytes),
        Err(problem) => Err(invalid(format!("its file is not usable: {problem}"))),
    }
}

/// How many certificates a PEM file holds.
#[cfg(feature = "https")]
fn certificates(pem: &[u8]) -> Result<usize, String> {
    use rustls::pki_types::{CertificateDer, pem::PemObject};
    let mut store = rustls::RootCertStore::empty();
    for certificate in CertificateDer::pem_slice_iter(pem) {
        let certificate = certificate.map_err(|error| error.to_string())?;
        store.add(certificate).map_err(|error| error.to_string())?;
    }
    Ok(store.len())
}

#[cfg(feature = "https")]
fn invalid(problem: String) -> ConfigError {
    ConfigError::Invalid {
        name: CA_BUNDLE.into(),
        problem,
    }
}

#[cfg(not(feature = "https"))]
fn https_client(_: Option<&std::path::Path>) -> Result<SharedHttpClient, ConfigError> {
    Err(ConfigError::Invalid {
        name: "AWS_ENDPOINT_URL".into(),
        problem: "this program is built without the feature `https` of hunter-aws and reaches \
                  only `http://` addresses: set one, or build with the feature"
            .into(),
    })
}

#[cfg(all(test, feature = "https"))]
mod tests {
    use super::*;

    #[test]
    fn amazons_roots_are_five_certificates() {
        assert_eq!(certificates(AMAZON_ROOTS.as_bytes()), Ok(5));
        assert!(https_client(None).is_ok());
    }

    #[test]
    fn a_bundle_that_is_none_is_refused_and_named() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("roots.pem");
        let other = [
            None,
            Some(""),
            Some("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"),
            Some("-----BEGIN CERTIFICATE-----\n%%%\n-----END CERTIFICATE-----\n"),
        ];
        for content in other {
            if let Some(content) = content {
                std::fs::write(&path, content).unwrap();
            }
            let environment = [(CA_BUNDLE, path.to_str().unwrap())];
            let clients = HttpClients::of(&environment.into_iter().collect());
            let error = clients.get(false).unwrap_err();
            assert!(
                error.to_string().contains(CA_BUNDLE),
                "{content:?}: {error}"
            );
            assert!(clients.get(true).is_ok(), "plain HTTP needs no roots");
        }
        std::fs::write(&path, AMAZON_ROOTS).unwrap();
        assert!(https_client(Some(&path)).is_ok());
    }
}

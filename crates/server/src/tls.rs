//! Whom connections that go out trust: the certificates of the machine. A machine without any still
//! speaks plain http.

use rustls::{ClientConfig, RootCertStore};
use std::sync::Arc;

/// The settings of TLS for an HTTP client, so that there is one provider of ciphers in the process.
pub fn outgoing() -> Result<ClientConfig, rustls::Error> {
    let mut roots = RootCertStore::empty();
    roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config =
        ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions()?;
    Ok(config.with_root_certificates(roots).with_no_client_auth())
}

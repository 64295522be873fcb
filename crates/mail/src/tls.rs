//! TLS to mail servers: the system's certificate authorities, the account's further ones, and certificates
//! that the user pinned.

use std::{
    error::Error,
    io,
    sync::{Arc, OnceLock},
};

use ring::digest::{SHA256, digest};
use rustls::{
    CertificateError, ClientConfig, DigitallySignedStruct, OtherError, RootCertStore, SignatureScheme,
    client::{
        WebPkiServerVerifier,
        danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier},
    },
    crypto::{CryptoProvider, verify_tls12_signature, verify_tls13_signature},
    pki_types::{CertificateDer, ServerName, UnixTime},
};
use thiserror::Error;

use crate::{MailError, Trust};

/// How to speak TLS (1.2 and 1.3) with the servers of an account that trusts `trust`.
///
/// Keep the result for the account: it also keeps the sessions that make the next handshake shorter. The
/// system's authorities are read once a process, and only when a server needs them.
///
/// # Errors
/// [`MailError::Certificate`] if one of the further root certificates cannot be used.
pub fn client_config(trust: &Trust) -> Result<Arc<ClientConfig>, MailError> {
    let verifier = Verifier { pinned: trust.pinned_sha256.clone(), further: further_roots(trust)? };
    let config = ClientConfig::builder_with_provider(provider())
        .with_safe_default_protocol_versions()
        .map_err(|error| MailError::protocol(error.to_string()))?
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(verifier))
        .with_no_client_auth();
    Ok(Arc::new(config))
}

/// The [`MailError::Certificate`] behind `error`, if a certificate that did not verify is its cause.
///
/// Looks through the sources of the error and into [`io::Error`]s.
pub fn certificate_error(error: &(dyn Error + 'static)) -> Option<MailError> {
    let mut next = Some(error);
    while let Some(error) = next {
        if let Some(rustls::Error::InvalidCertificate(CertificateError::Other(OtherError(inner)))) =
            error.downcast_ref()
        {
            let rejected = inner.downcast_ref::<Rejected>()?;
            return Some(MailError::Certificate { sha256: rejected.sha256, reason: rejected.to_string() });
        }
        next = match error.downcast_ref::<io::Error>().and_then(io::Error::get_ref) {
            Some(inner) => Some(inner),
            None => error.source(),
        };
    }
    None
}

/// A certificate that did not verify, as it travels through rustls.
#[derive(Debug, Error)]
#[error("{reason}")]
struct Rejected {
    sha256: [u8; 32],
    reason: String,
}

/// Accepts what the user pinned, then what the account's own roots vouch for, then what the system's do.
#[derive(Debug)]
struct Verifier {
    pinned: Vec<[u8; 32]>,
    further: Option<Arc<WebPkiServerVerifier>>,
}

impl Verifier {
    fn judge(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        name: &ServerName<'_>,
        ocsp: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        let ask = |verifier: &WebPkiServerVerifier| {
            verifier.verify_server_cert(end_entity, intermediates, name, ocsp, now)
        };
        match self.further.as_deref().map(ask) {
            // Only for an unknown issuer may another set of roots know better.
            None | Some(Err(rustls::Error::InvalidCertificate(CertificateError::UnknownIssuer))) => {}
            Some(verdict) => return verdict,
        }
        system_roots().map_or_else(|| Err(CertificateError::UnknownIssuer.into()), ask)
    }
}

impl ServerCertVerifier for Verifier {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        let sha256 = fingerprint(end_entity);
        if self.pinned.contains(&sha256) {
            return Ok(ServerCertVerified::assertion());
        }
        self.judge(end_entity, intermediates, server_name, ocsp_response, now).map_err(|error| {
            let reason = match error {
                rustls::Error::InvalidCertificate(CertificateError::UnknownIssuer) => {
                    "issued by an authority that this device does not know".to_owned()
                }
                rustls::Error::InvalidCertificate(certificate) => certificate.to_string(),
                other => other.to_string(),
            };
            CertificateError::Other(OtherError(Arc::new(Rejected { sha256, reason }))).into()
        })
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls12_signature(message, certificate, signed, &provider().signature_verification_algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls13_signature(message, certificate, signed, &provider().signature_verification_algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        provider().signature_verification_algorithms.supported_schemes()
    }
}

fn provider() -> Arc<CryptoProvider> {
    static PROVIDER: OnceLock<Arc<CryptoProvider>> = OnceLock::new();
    PROVIDER.get_or_init(|| Arc::new(rustls::crypto::ring::default_provider())).clone()
}

fn fingerprint(der: &[u8]) -> [u8; 32] {
    let mut sha256 = [0; 32];
    sha256.copy_from_slice(digest(&SHA256, der).as_ref());
    sha256
}

fn further_roots(trust: &Trust) -> Result<Option<Arc<WebPkiServerVerifier>>, MailError> {
    if trust.extra_roots_der.is_empty() {
        return Ok(None);
    }
    let mut roots = RootCertStore::empty();
    for der in &trust.extra_roots_der {
        let unusable = |error: rustls::Error| MailError::Certificate {
            sha256: fingerprint(der),
            reason: format!("not a root certificate: {error}"),
        };
        roots.add(CertificateDer::from_slice(der)).map_err(unusable)?;
    }
    WebPkiServerVerifier::builder_with_provider(Arc::new(roots), provider())
        .build()
        .map(Some)
        .map_err(|error| MailError::protocol(error.to_string()))
}

/// What the system's authorities say; `None` where the system has none.
fn system_roots() -> Option<&'static WebPkiServerVerifier> {
    static SYSTEM: OnceLock<Option<Arc<WebPkiServerVerifier>>> = OnceLock::new();
    SYSTEM
        .get_or_init(|| {
            let found = rustls_native_certs::load_native_certs();
            for error in &found.errors {
                tracing::warn!(%error, "a system certificate store cannot be read");
            }
            let mut roots = RootCertStore::empty();
            roots.add_parsable_certificates(found.certs);
            WebPkiServerVerifier::builder_with_provider(Arc::new(roots), provider()).build().ok()
        })
        .as_deref()
}

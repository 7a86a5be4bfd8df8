//! OCSP on the wire (RFC 6960): requests, and what responses say. No network, no clock, no trust.
//!
//! [`OcspRequest`] asks for one certificate, as the body of a POST or as the URL of a GET (RFC
//! 5019). [`OcspResponse`] is the bytes that came back and the offsets of their fields: what a
//! responder signed, whom its statements name and the certificates that it sent along are slices of
//! what was received. Requests are encoded with the derives of the crate `der`; responses are read
//! by the strict reader of this crate, since their bytes are what a signature is verified over.
//!
//! Reading a response proves nothing. Who may sign it, whether the signature holds, and whether it
//! is recent enough is judged by the engine, out of what stands here: [`ResponderId::matches`]
//! tells whose key a response names, and [`CertIdRef::matches`] of which certificate a statement
//! speaks.
//!
//! ```
//! use portcullis::Certificate;
//! use portcullis::revocation::ocsp::{CertIdHash, CertStatus, IssuerHashes, OcspRequest, OcspResponse};
//!
//! let chain = Certificate::from_pem_bundle(include_bytes!("../../../testdata/chains/ocsp-good.pem"))?;
//! let (leaf, issuer) = (&chain[0], &chain[1]);
//!
//! // Ask, with GET or POST.
//! let request = OcspRequest::new(leaf, &issuer.public_key(), CertIdHash::Sha1, None)?;
//! let url = request.get_url("http://ocsp.example.test");
//! assert!(url.starts_with("http://ocsp.example.test/MEk"));
//! # let body = include_bytes!("../../../testdata/ocsp/ocsp-good.der");
//!
//! // Read what came back. Who says so is still to be checked.
//! let response = OcspResponse::from_der(body)?;
//! assert!(response.responder_id().matches(&issuer.subject(), &issuer.public_key()));
//! let hashes = IssuerHashes::new(&leaf.issuer(), &issuer.public_key());
//! let said = response.singles_for(leaf.serial(), &hashes).next().unwrap();
//! assert_eq!(said.status, CertStatus::Good);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod cert_id;
mod error;
mod extension;
mod issuer_hashes;
mod layout;
mod request;
mod responder;
mod response;
mod single;
#[cfg(test)]
mod testing;
mod url;

pub use cert_id::{CertIdHash, CertIdRef};
pub use error::{OcspError, OcspField, OcspRequestError, ResponderStatus};
pub use issuer_hashes::IssuerHashes;
pub use layout::{MAX_BYTES, MAX_CERTIFICATES, MAX_EXTENSIONS, MAX_SINGLES};
pub use request::{MAX_NONCE, OcspRequest, REQUEST_CONTENT_TYPE, RESPONSE_CONTENT_TYPE};
pub use responder::ResponderId;
pub use response::OcspResponse;
pub use single::{CertStatus, SingleResponse, Singles};
pub use url::MAX_GET_URL;

//! Whether, and when, a client is asked for a certificate.

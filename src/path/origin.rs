//! Where the certificates of a path come from.

use crate::table::numbered;

numbered! {
    /// Where a certificate of a path came from.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
    #[non_exhaustive]
    pub enum Origin: u8 {
        /// It is the certificate in question.
        Leaf = 0, "the leaf";
        /// The peer sent it along.
        Presented = 1, "presented by the peer";
        /// The caller configured it as an additional certificate.
        Additional = 2, "an additional certificate";
        /// The trust store holds it, not as an anchor.
        Store = 3, "the trust store";
        /// It is a trust anchor.
        Anchor = 4, "a trust anchor";
        /// It was fetched from where the certificate below names it (RFC 5280 section 4.2.2.1).
        Fetched = 5, "fetched from the certificate's issuer URL";
    }
}

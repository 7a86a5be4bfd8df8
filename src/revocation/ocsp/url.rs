//! A request as a URL (RFC 6960 appendix A.1): the responder's URL, a slash, and the request in
//! base64, percent-escaped.

use alloc::string::String;

use base64ct::{Base64, Encoding};

/// Up to how many octets of URL RFC 5019 section 5 asks for GET.
pub const MAX_GET_URL: usize = 255;

pub(super) fn get_url(base: &str, request: &[u8]) -> String {
    let encoded = Base64::encode_string(request);
    let base = base.trim_end_matches('/');
    let mut url = String::with_capacity(base.len() + encoded.len() + encoded.len() / 8 + 4);
    url.push_str(base);
    url.push('/');
    for character in encoded.chars() {
        match character {
            '+' => url.push_str("%2B"),
            '/' => url.push_str("%2F"),
            '=' => url.push_str("%3D"),
            plain => url.push(plain),
        }
    }
    url
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_urls_give_a_meaning_is_escaped() {
        // "++//" and padding.
        let request = [0xfb, 0xef, 0xff, 0xff];
        assert_eq!(
            get_url("http://a.test/ocsp", &request),
            "http://a.test/ocsp/%2B%2B%2F%2F%2Fw%3D%3D"
        );
        assert_eq!(get_url("http://a.test", &[0, 0, 0]), "http://a.test/AAAA");
        assert_eq!(get_url("http://a.test", &[]), "http://a.test/");
    }

    #[test]
    fn one_slash_between() {
        for base in ["http://a.test/x", "http://a.test/x/", "http://a.test/x//"] {
            assert_eq!(get_url(base, &[0; 3]), "http://a.test/x/AAAA");
        }
    }
}

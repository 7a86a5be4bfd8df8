//! Base64 and PEM.

/// Base64 with padding (RFC 4648 section 4).
pub fn base64(octets: &[u8]) -> String {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut out = String::with_capacity(octets.len().div_ceil(3) * 4);
    for group in octets.chunks(3) {
        let bits =
            group.iter().fold(0u32, |bits, &o| bits << 8 | u32::from(o)) << (8 * (3 - group.len()));
        for n in 0..4 {
            let index = bits >> (18 - 6 * n) & 0x3f;
            let digit = if n <= group.len() {
                ALPHABET[index as usize]
            } else {
                b'='
            };
            out.push(char::from(digit));
        }
    }
    out
}

/// One PEM block (RFC 7468).
pub fn pem(kind: &str, octets: &[u8]) -> String {
    let body = base64(octets);
    let lines: String = body
        .as_bytes()
        .chunks(64)
        .flat_map(|line| line.iter().map(|&c| char::from(c)).chain(['\n']))
        .collect();
    format!("-----BEGIN {kind}-----\n{lines}-----END {kind}-----\n")
}

//! Which addresses notifications may be sent to (field-notes 1.1). What a name leads to is looked
//! at when it is resolved, in `server::outbound`.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use url::{Host, Url};

/// A callback URL has at most this many characters.
pub const CALLBACK_CHARS_MAX: usize = 255;

/// Which addresses are allowed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Callbacks {
    /// https on a name of the internet, port 443 or 80: the guide's rules.
    #[default]
    Public,
    /// Also http, numbers, any port, this machine and networks at home: for sandboxes, and for
    /// receivers next to the server.
    Any,
}

/// Why an address is not allowed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unfit {
    /// It has too many characters.
    TooLong,
    /// It is no URL.
    NoUrl,
    /// It is neither http nor https.
    Scheme,
    /// It is not https.
    Plain,
    /// It holds a name and a password.
    Credentials,
    /// It holds a fragment.
    Fragment,
    /// Its port is none of those allowed.
    Port,
    /// Its host is a number.
    Number,
    /// Its host is a name of this machine or of a network at home.
    Local,
}

impl fmt::Display for Unfit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::TooLong => "it has more than 255 characters",
            Self::NoUrl => "it is no URL such as https://my.example.org/notify",
            Self::Scheme => "it is neither http nor https",
            Self::Plain => "it is not https",
            Self::Credentials => "it holds a name or a password; put a secret into its query",
            Self::Fragment => "it holds a fragment (#…), which is never sent",
            Self::Port => "its port is neither 443 nor 80",
            Self::Number => "its host is a number; give a name",
            Self::Local => "its host is a name of one machine or of a network at home",
        })
    }
}

impl Callbacks {
    /// The address, as it is connected to; what is stored and given back is the text as it came.
    pub fn check(self, text: &str) -> Result<Url, Unfit> {
        if text.chars().count() > CALLBACK_CHARS_MAX {
            return Err(Unfit::TooLong);
        }
        if text.bytes().any(|byte| byte.is_ascii_control() || byte == b' ') {
            return Err(Unfit::NoUrl);
        }
        let url: Url = text.parse().map_err(|_| Unfit::NoUrl)?;
        match url.scheme() {
            "https" => {}
            "http" if self == Self::Any => {}
            "http" => return Err(Unfit::Plain),
            _ => return Err(Unfit::Scheme),
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(Unfit::Credentials);
        }
        if url.fragment().is_some() {
            return Err(Unfit::Fragment);
        }
        let host = url.host().ok_or(Unfit::NoUrl)?;
        if self == Self::Any {
            return Ok(url);
        }
        if !matches!(url.port_or_known_default(), Some(443 | 80)) {
            return Err(Unfit::Port);
        }
        match host {
            Host::Domain(name) if crate::redirect::is_public_name(name) => Ok(url),
            Host::Domain(_) => Err(Unfit::Local),
            Host::Ipv4(_) | Host::Ipv6(_) => Err(Unfit::Number),
        }
    }

    /// Whether something may be sent to an address a name leads to.
    #[must_use]
    pub fn allows(self, address: IpAddr) -> bool {
        self == Self::Any || is_public(address)
    }
}

/// Whether an address is one of the internet at large: neither this machine, nor a network at home,
/// nor a link, nor what clouds tell their machines (169.254.169.254 and its like), nor reserved.
fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(v4) => is_public_v4(v4),
        IpAddr::V6(v6) => match embedded(v6) {
            Some(v4) => is_public_v4(v4),
            None => is_public_v6(v6),
        },
    }
}

fn is_public_v4(v4: Ipv4Addr) -> bool {
    let [a, b, c, _] = v4.octets();
    let is_special = v4.is_private()
        || v4.is_loopback()
        || v4.is_link_local()
        || v4.is_broadcast()
        || v4.is_documentation()
        || v4.is_multicast()
        || a == 0
        || a >= 240
        || (a == 100 && (64..128).contains(&b)) // Shared by carriers, RFC 6598.
        || (a == 198 && (18..20).contains(&b)) // Benchmarks, RFC 2544.
        || (a == 192 && b == 0 && c == 0) // Protocols, RFC 6890.
        || (a == 192 && b == 88 && c == 99); // Relays of the past, RFC 7526.
    !is_special
}

/// The IPv4 address inside an IPv6 one that leads there: mapped, compatible, NAT64, 6to4.
fn embedded(v6: Ipv6Addr) -> Option<Ipv4Addr> {
    let [a, b, c, d, e, f, g, h] = v6.segments();
    let v4 = |high: u16, low: u16| {
        let ([a, b], [c, d]) = (high.to_be_bytes(), low.to_be_bytes());
        Some(Ipv4Addr::new(a, b, c, d))
    };
    match (a, b, c, d, e, f) {
        (0, 0, 0, 0, 0, 0xffff) | (0x64, 0xff9b, 0, 0, 0, 0) => v4(g, h),
        (0, 0, 0, 0, 0, 0) if g != 0 => v4(g, h),
        (0x2002, ..) => v4(b, c),
        _ => None,
    }
}

fn is_public_v6(v6: Ipv6Addr) -> bool {
    let [a, b, ..] = v6.segments();
    // Only 2000::/3 is given out; of that, not protocols (2001::/23) and examples.
    (0x2000..0x4000).contains(&a)
        && !(a == 0x2001 && b < 0x200)
        && !(a == 0x2001 && b == 0xdb8)
        && !(a == 0x3fff && b < 0x1000)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_guides_rules() {
        use Unfit as U;
        let public = |text: &str| Callbacks::Public.check(text).err();
        for fit in [
            "https://my.example.org/notify?secret=x",
            "https://my.example.org:443/",
            "https://my.example.org:80/",
            "https://bücher.example/",
            "https://xn--bcher-kva.example/",
            "https://my.example.org./",
        ] {
            assert_eq!(public(fit), None, "{fit}");
        }
        let long = format!("https://my.example.org/{}", "x".repeat(2_000));
        for (text, problem) in [
            ("", U::NoUrl),
            ("nonsense", U::NoUrl),
            ("https://", U::NoUrl),
            ("https://my.example.org/a b", U::NoUrl),
            ("https://my.example.org/\r\nx", U::NoUrl),
            ("ftp://my.example.org/", U::Scheme),
            ("javascript:alert(1)", U::Scheme),
            ("http://my.example.org/", U::Plain),
            ("https://me:secret@my.example.org/", U::Credentials),
            ("https://my.example.org@10.0.0.1/", U::Credentials),
            ("https://my.example.org/#x", U::Fragment),
            ("https://my.example.org:8443/", U::Port),
            ("https://1.2.3.4/", U::Number),
            ("https://0x7f.1/", U::Number),
            ("https://2130706433/", U::Number),
            ("https://[::1]/", U::Number),
            ("https://localhost/", U::Local),
            ("https://printer.local/", U::Local),
            ("https://intranet/", U::Local),
            ("https://a.localhost./", U::Local),
            (&long, U::TooLong),
        ] {
            assert_eq!(public(text), Some(problem), "{text}");
        }
    }

    #[test]
    fn a_sandbox_may_use_any_place_but_no_credentials() {
        let any = |text: &str| Callbacks::Any.check(text).err();
        for fit in ["http://127.0.0.1:9/x", "http://localhost:8123/api", "http://[::1]:1/"] {
            assert_eq!(any(fit), None, "{fit}");
        }
        assert_eq!(any("http://me@localhost/"), Some(Unfit::Credentials));
        assert_eq!(any("file:///etc/passwd"), Some(Unfit::Scheme));
    }

    #[test]
    fn nothing_is_sent_into_private_networks() {
        for text in [
            "127.0.0.1",
            "10.1.2.3",
            "172.16.0.1",
            "192.168.1.1",
            "169.254.169.254",
            "0.0.0.0",
            "100.64.0.1",
            "198.18.0.1",
            "192.0.0.8",
            "224.0.0.1",
            "255.255.255.255",
            "240.0.0.1",
            "::1",
            "::",
            "fe80::1",
            "fc00::1",
            "fd00:ec2::254",
            "ff02::1",
            "::ffff:127.0.0.1",
            "::ffff:10.0.0.1",
            "::127.0.0.1",
            "64:ff9b::a00:1",
            "2002:7f00:1::",
            "2001:db8::1",
            "2001::1",
            "100::1",
        ] {
            let address: IpAddr = text.parse().unwrap();
            assert!(!Callbacks::Public.allows(address), "{text}");
            assert!(Callbacks::Any.allows(address), "{text}");
        }
        for text in ["93.184.215.14", "8.8.8.8", "2606:2800:220:1::1", "::ffff:8.8.8.8"] {
            assert!(Callbacks::Public.allows(text.parse().unwrap()), "{text}");
        }
    }
}

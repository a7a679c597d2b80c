//! Which address an application may have a person sent back to (field-notes §4.1). Whether the
//! address can be reached is nobody's business here: Withings does not look either.

use url::{Host, Url};

/// The longest address that is taken.
pub const REDIRECT_BYTES_MAX: usize = 2_000;

/// Reads an address that may be registered: absolute, `http` or `https` or an application's own
/// scheme, without user name, password or fragment.
pub fn parse(text: &str) -> Option<Url> {
    let url = Url::parse(text).ok().filter(|_| text.len() <= REDIRECT_BYTES_MAX)?;
    let script = ["javascript", "data", "file", "about", "blob", "vbscript"];
    let clean = url.username().is_empty()
        && url.password().is_none()
        && url.fragment().is_none()
        && !url.cannot_be_a_base()
        && !script.contains(&url.scheme());
    clean.then_some(url)
}

/// Whether `asked` is a registered address or goes on from one: the same scheme, host and port, and
/// a path that continues the registered path at a segment's end; its query is free.
pub fn allows(registered: &str, asked: &str) -> bool {
    let (Some(registered), Some(asked)) = (parse(registered), parse(asked)) else {
        return false;
    };
    let same_place = registered.scheme() == asked.scheme()
        && registered.host_str() == asked.host_str()
        && registered.port_or_known_default() == asked.port_or_known_default();
    same_place && continues(registered.path(), asked.path()) && keeps_query(&registered, &asked)
}

/// Whether an address is https on a name that can be one of the internet: no number, no name of
/// this machine or of a network at home, no port of one's own.
pub fn is_public_https(text: &str) -> bool {
    let Some(url) = parse(text) else { return false };
    let Some(Host::Domain(name)) = url.host() else { return false };
    url.scheme() == "https" && url.port().is_none() && is_public_name(name)
}

/// Whether a name can be one of the internet: none of this machine or of a network at home.
pub(crate) fn is_public_name(name: &str) -> bool {
    let name = name.trim_end_matches('.').to_ascii_lowercase();
    let is_local = HOME_NAMES.iter().any(|end| name == end[1..] || name.ends_with(end));
    name.contains('.') && !is_local
}

/// Names that are reserved for networks at home and for tests (RFC 2606, 6761, 6762, 8375).
const HOME_NAMES: [&str; 7] =
    [".localhost", ".local", ".internal", ".home.arpa", ".test", ".invalid", ".lan"];

fn continues(registered: &str, asked: &str) -> bool {
    match asked.strip_prefix(registered) {
        None => asked == "/" && registered.is_empty(),
        Some("") => true,
        Some(rest) => {
            // An encoded slash or dot could climb out again behind the application's own decoding.
            let encoded = rest.to_ascii_lowercase();
            let climbs = encoded.contains("%2f") || encoded.contains("%2e") || rest.contains('\\');
            !climbs && (registered.ends_with('/') || rest.starts_with('/'))
        }
    }
}

fn keeps_query(registered: &Url, asked: &Url) -> bool {
    match (registered.query(), asked.query()) {
        (None, _) => true,
        (Some(_), None) => false,
        (Some(registered), Some(asked)) => asked
            .strip_prefix(registered)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with('&')),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn path_and_query_may_extend_a_registered_address() {
        assert!(allows("https://mydomain.com/", "https://mydomain.com/relative_path?args=value"));
        assert!(allows("https://mydomain.com", "https://mydomain.com/cb"));
        assert!(allows("http://localhost:8888", "http://localhost:8888"));
        assert!(allows("http://localhost:8888", "http://localhost:8888/callback"));
        assert!(allows("https://a.example/cb", "https://a.example/cb/two"));
        assert!(allows("https://a.example/cb?x=1", "https://a.example/cb?x=1&y=2"));
        assert!(allows("myapp://callback", "myapp://callback"));
    }

    #[test]
    fn a_public_name_over_https_is_no_address_of_home() {
        for public in ["https://my.example.org/cb", "https://a.example.", "https://a.b.c/x?y=z"] {
            assert!(is_public_https(public), "{public}");
        }
        for other in [
            "http://my.example.org/cb",
            "https://localhost/cb",
            "https://a.localhost/cb",
            "https://printer.local/",
            "https://intranet/",
            "https://192.168.1.2/",
            "https://93.184.215.14/",
            "https://[2606:2800::1]/",
            "https://my.example.org:8443/",
            "myapp://callback",
            "nonsense",
        ] {
            assert!(!is_public_https(other), "{other}");
        }
    }

    #[test]
    fn nothing_else_is_allowed() {
        for (registered, asked) in [
            ("https://a.example/cb", "https://a.example/cbevil"),
            ("https://a.example/cb", "http://a.example/cb"),
            ("https://a.example/cb", "https://a.example:444/cb"),
            ("https://a.example/", "https://a.example.evil.com/"),
            ("https://a.example/", "https://a.example@evil.com/"),
            ("https://a.example/", "https://user:pw@a.example/"),
            ("https://a.example/cb", "https://a.example/cb/../other"),
            ("https://a.example/cb", "https://a.example/cb/%2e%2e/other"),
            ("https://a.example/cb", "https://a.example/cb/..%2fother"),
            ("https://a.example/", "https://a.example/#token"),
            ("https://a.example/cb?x=1", "https://a.example/cb?x=12"),
            ("https://a.example/cb?x=1", "https://a.example/cb"),
            ("https://a.example/", "/relative"),
            ("https://a.example/", "javascript:alert(1)"),
        ] {
            assert!(!allows(registered, asked), "{registered} must not allow {asked}");
        }
    }
}

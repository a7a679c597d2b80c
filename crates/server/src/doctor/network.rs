//! The addresses vitald listens at, the one it is known by, and the way out.

use super::Finding;
use crate::config::Settings;
use crate::web::POLICY;
use std::io::{ErrorKind, Read as _, Write as _};
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr, TcpListener, TcpStream, ToSocketAddrs as _};
use std::time::Duration;

const PATIENCE: Duration = Duration::from_secs(5);
/// As much of an answer as tells whose it is.
const ANSWER_MAX: u64 = 4_096;

pub(super) fn examine(settings: &Settings, reach: Option<&str>) -> Vec<Finding> {
    let is_running = is_vitald(settings.listen);
    let mut findings = vec![address("listen", settings.listen, is_running)];
    let others =
        [("scale_listen", settings.scale_listen), ("metrics_listen", settings.metrics_listen)];
    for (check, other) in others {
        findings.extend(other.map(|other| address(check, other, is_running)));
    }
    findings.push(public_url(settings));
    findings.extend(reach.map(outbound));
    findings
}

/// Takes the address and gives it back at once.
fn address(check: &'static str, address: SocketAddr, is_running: bool) -> Finding {
    let Err(error) = TcpListener::bind(address) else {
        return Finding::ok(check, format!("{address} is free"));
    };
    let says = format!("vitald cannot listen at {address}: {error}");
    match error.kind() {
        ErrorKind::AddrInUse if is_running => {
            Finding::ok(check, format!("{address} is in use: a vitald runs already"))
        }
        ErrorKind::AddrInUse => {
            Finding::problem(check, says, "stop what listens there, or choose another port")
        }
        ErrorKind::PermissionDenied => {
            let mend = "ports below 1024 need the right to: choose another, or grant it (setcap \
                cap_net_bind_service=+ep, or AmbientCapabilities in a systemd unit)";
            Finding::problem(check, says, mend)
        }
        _ => Finding::problem(check, says, "name an address this machine has"),
    }
}

/// Whether a vitald answers there.
fn is_vitald(mut address: SocketAddr) -> bool {
    if address.ip().is_unspecified() {
        let v4 = address.is_ipv4();
        address.set_ip(if v4 { Ipv4Addr::LOCALHOST.into() } else { Ipv6Addr::LOCALHOST.into() });
    }
    let ask = || -> std::io::Result<String> {
        let mut stream = TcpStream::connect_timeout(&address, PATIENCE)?;
        stream.set_read_timeout(Some(PATIENCE))?;
        stream.write_all(b"GET /healthz HTTP/1.0\r\nHost: localhost\r\n\r\n")?;
        let mut answer = Vec::new();
        // What came before an error may tell as well.
        let _ = stream.take(ANSWER_MAX).read_to_end(&mut answer);
        Ok(String::from_utf8_lossy(&answer).into_owned())
    };
    address.port() != 0 && ask().is_ok_and(|answer| answer.contains(POLICY))
}

fn public_url(settings: &Settings) -> Finding {
    const CHECK: &str = "public_url";
    const MEND: &str =
        "put a reverse proxy with https in front, and set `public_url` to its address";
    match &settings.public_url {
        Some(url) if url.scheme() == "https" => Finding::ok(CHECK, format!("{url} is https")),
        None if settings.listen.ip().is_loopback() => {
            Finding::ok(CHECK, "none: this machine alone reaches the server, unless a proxy does")
        }
        Some(url) => Finding::warning(CHECK, format!("{url} is not https"), MEND),
        None => {
            let says = "the server listens for everybody, and passwords and tokens go unprotected";
            Finding::warning(CHECK, says, MEND)
        }
    }
}

/// Resolves a name and connects, and sends nothing.
fn outbound(place: &str) -> Finding {
    const CHECK: &str = "outbound";
    let addresses = match place.to_socket_addrs() {
        Ok(addresses) => addresses,
        Err(error) => {
            let mend = "see /etc/resolv.conf and the firewall; --offline leaves this out";
            return Finding::warning(CHECK, format!("{place} is not found: {error}"), mend);
        }
    };
    let tried = addresses.map(|address| TcpStream::connect_timeout(&address, PATIENCE));
    match tried.reduce(|one, next| one.or(next)) {
        Some(Ok(_)) => Finding::ok(CHECK, format!("{place} is reached")),
        Some(Err(error)) => {
            let mend = "see the firewall; notifications to programs elsewhere would not arrive";
            Finding::warning(CHECK, format!("{place} is not reached: {error}"), mend)
        }
        None => Finding::warning(CHECK, format!("{place} has no address"), "name another"),
    }
}

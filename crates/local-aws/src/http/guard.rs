//! Who may ask at all. The server listens on loopback, where every web page that a browser shows can send requests to, and
//! every user of the machine.

use std::net::IpAddr;

use hyper::http::HeaderMap;
use hyper::http::uri::Uri;

use super::auth::Credential;
use super::message::{Request, Response};
use crate::core::ids::sha256_hex;
use crate::core::world::World;

/// Why a request is not answered: a web page sent it, or one that has its own name lead to loopback.
pub(crate) fn foreign(uri: &Uri, headers: &HeaderMap) -> Option<&'static str> {
    let text = |name: &str| headers.get(name).map(|value| value.to_str().unwrap_or_default());
    if text("origin").is_some() || text("sec-fetch-site").is_some_and(|site| site != "none") {
        return Some("it comes from a web page");
    }
    let host = text("host").or_else(|| uri.authority().map(hyper::http::uri::Authority::as_str));
    match host {
        Some(host) if is_near(without_port(host)) => None,
        Some(_) => Some("its Host is neither an address nor `localhost` nor a name of AWS"),
        None => Some("it has no Host"),
    }
}

/// Addresses lead nowhere else, and names of AWS lead here only where somebody has arranged it.
fn is_near(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    let below = |domain: &str| name.strip_suffix(domain).is_some_and(|rest| rest.ends_with('.'));
    name.parse::<IpAddr>().is_ok()
        || name == "localhost"
        || ["localhost", "amazonaws.com", "amazonaws.com.cn"].into_iter().any(below)
}

/// A host name without the port, an address without brackets.
fn without_port(host: &str) -> &str {
    if let Some((address, _)) = host.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        return address;
    }
    host.rsplit_once(':').map_or(host, |(name, _)| name)
}

/// What somebody is told whose request is not answered.
pub(crate) fn refusal(why: &str) -> Response {
    Response::new(403)
        .header("content-type", "text/plain")
        .body(format!("copilot-local-aws does not answer this request: {why}\n"))
}

/// Whether a signed request has the key of this server, or one that it gave out for a role.
pub(crate) fn has_key(world: &World, credential: &Credential) -> bool {
    let Some(key) = &world.options.access_key else { return true };
    let given_out = || {
        // Others that share the state directory have seen the token, but have not made it.
        let proof = session_proof(Some(key), &credential.access_key);
        world.state.sessions.contains_key(&credential.access_key)
            && credential.token.as_deref().is_some_and(|token| token.ends_with(&proof))
    };
    credential.access_key == *key || given_out()
}

/// Whether a request below `/_local/` may be answered.
pub(crate) fn may_arrange(world: &World, request: &Request) -> bool {
    let Some(key) = &world.options.access_key else { return true };
    request.header("authorization").and_then(|value| value.strip_prefix("Bearer ")) == Some(key)
}

/// The end of the token of a session: with a key, only who knows the key can make it.
pub(crate) fn session_proof(key: Option<&String>, access_key: &str) -> String {
    key.map(|key| sha256_hex(format!("session {access_key} {key}").as_bytes())).unwrap_or_default()
}

/// The secret in the password for the registry; any will do without a key.
pub(crate) fn registry_secret(world: &World, account: &str, region: &str) -> Option<String> {
    let key = world.options.access_key.as_ref()?;
    let mut secret = sha256_hex(format!("registry {account} {region} {key}").as_bytes());
    secret.truncate(32);
    Some(secret)
}

#[cfg(test)]
mod tests {
    use hyper::http::HeaderValue;

    use super::*;

    #[test]
    fn hosts_are_addresses_localhost_or_names_of_aws() {
        for host in [
            "127.0.0.1:4566",
            "127.0.0.1",
            "[::1]:4566",
            "localhost:80",
            "LOCALHOST",
            "bucket.localhost:4566",
            "bucket.s3.us-west-2.amazonaws.com",
            "123456789012.dkr.ecr.cn-north-1.amazonaws.com.cn:80",
        ] {
            assert!(is_near(without_port(host)), "{host}");
        }
        for host in [
            "evil.example",
            "127.0.0.1.evil.example:4566",
            "amazonaws.com.evil.example",
            "evilamazonaws.com",
            "notlocalhost",
            "",
        ] {
            assert!(!is_near(without_port(host)), "{host}");
        }
    }

    #[test]
    fn a_request_without_a_host_is_foreign() {
        let (relative, absolute) = (Uri::from_static("/"), Uri::from_static("http://127.0.0.1:1/"));
        let mut headers = HeaderMap::new();
        assert!(foreign(&relative, &headers).is_some());
        assert!(foreign(&absolute, &headers).is_none());
        headers.insert("host", HeaderValue::from_static("evil.example"));
        assert!(foreign(&absolute, &headers).is_some());
    }
}

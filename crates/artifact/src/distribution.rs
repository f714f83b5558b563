//! A registry on this machine, over plain HTTP: for a laptop, and for trying the build stage without AWS.

use base64::Engine as _;
use futures::future::BoxFuture;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use crate::{Credentials, Error, Registry, RemoteImage, registry_host};

const MANIFESTS: &str = "application/vnd.docker.distribution.manifest.v2+json, \
    application/vnd.docker.distribution.manifest.list.v2+json, \
    application/vnd.oci.image.manifest.v1+json, application/vnd.oci.image.index.v1+json";
/// Registries accept manifests of up to 4 MiB.
const LARGEST_ANSWER: u64 = 8 * 1024 * 1024;

/// Registries that speak the OCI distribution protocol without TLS, as `docker-registry` on loopback does.
#[derive(Debug, Clone, Default)]
pub struct LoopbackRegistry {
    credentials: Option<Credentials>,
}

struct Answer {
    status: u16,
    headers: Vec<(String, String)>,
    body: Vec<u8>,
}

impl Answer {
    fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }
}

impl LoopbackRegistry {
    /// Registries that ask for no credentials.
    pub fn new() -> Self {
        Self::default()
    }

    /// Registries that ask for a user and a password.
    #[must_use]
    pub fn with_credentials(credentials: Credentials) -> Self {
        Self { credentials: Some(credentials) }
    }

    async fn manifest(
        &self,
        method: &str,
        repository: &str,
        reference: &str,
        body: Option<(&str, &[u8])>,
    ) -> Result<Answer, Error> {
        let host = registry_host(repository);
        let name = repository[host.len()..].trim_start_matches('/');
        let full = format!("{repository}:{reference}");
        let failed = |reason: String| Error::Registry {
            action: "asking for",
            reference: full.clone(),
            attempts: 1,
            reason,
        };
        let (content_type, body) = body.unwrap_or_default();
        let mut head = vec![
            format!("{method} /v2/{name}/manifests/{reference} HTTP/1.1"),
            format!("Host: {host}"),
            format!("Accept: {MANIFESTS}"),
            "Connection: close".to_owned(),
            format!("Content-Length: {}", body.len()),
        ];
        if !content_type.is_empty() {
            head.push(format!("Content-Type: {content_type}"));
        }
        if let Some(Credentials { user, password }) = &self.credentials {
            let basic = base64::engine::general_purpose::STANDARD.encode(format!("{user}:{password}"));
            head.push(format!("Authorization: Basic {basic}"));
        }
        let head = head.join("\r\n") + "\r\n\r\n";
        let address = if host.contains(':') { host.to_owned() } else { format!("{host}:80") };
        let exchange = async {
            let mut stream = TcpStream::connect(&address).await?;
            stream.write_all(head.as_bytes()).await?;
            stream.write_all(body).await?;
            let mut bytes = Vec::new();
            stream.take(LARGEST_ANSWER).read_to_end(&mut bytes).await?;
            Ok::<_, std::io::Error>(bytes)
        };
        let bytes = exchange.await.map_err(|e| failed(e.to_string()))?;
        let answer = parse(&bytes).ok_or_else(|| failed("the answer is no HTTP".to_owned()))?;
        match answer.status {
            401 => Err(Error::TokenExpired {
                registry: host.to_owned(),
                reason: "authentication required".to_owned(),
            }),
            403 => Err(Error::RegistryRefused { reference: full, reason: "access denied".to_owned() }),
            200..=299 | 404 => Ok(answer),
            status => Err(failed(format!("status {status}"))),
        }
    }

    async fn digest(&self, repository: &str, tag: &str) -> Result<Option<String>, Error> {
        let answer = self.manifest("HEAD", repository, tag, None).await?;
        let digest = answer.header("Docker-Content-Digest").map(str::to_owned);
        Ok(digest.filter(|_| answer.status != 404))
    }

    async fn set_tag(&self, repository: &str, digest: &str, tag: &str) -> Result<(), Error> {
        if self.digest(repository, tag).await?.as_deref() == Some(digest) {
            return Ok(());
        }
        let manifest = self.manifest("GET", repository, digest, None).await?;
        if manifest.status == 404 {
            let reference = format!("{repository}@{digest}");
            return Err(Error::RegistryRefused { reference, reason: "the image is gone".to_owned() });
        }
        let content_type = manifest.header("Content-Type").unwrap_or_default();
        self.manifest("PUT", repository, tag, Some((content_type, &manifest.body))).await.map(drop)
    }
}

impl Registry for LoopbackRegistry {
    fn credentials<'a>(&'a self, _: &'a str) -> BoxFuture<'a, Result<Option<Credentials>, Error>> {
        Box::pin(async move { Ok(self.credentials.clone()) })
    }

    fn find<'a>(
        &'a self,
        repository: &'a str,
        tag: &'a str,
    ) -> BoxFuture<'a, Result<Option<RemoteImage>, Error>> {
        Box::pin(async move {
            let digest = self.digest(repository, tag).await?;
            Ok(digest.map(|digest| RemoteImage { digest, tags: vec![tag.to_owned()], pushed: None }))
        })
    }

    fn tag<'a>(
        &'a self,
        repository: &'a str,
        digest: &'a str,
        tag: &'a str,
    ) -> BoxFuture<'a, Result<(), Error>> {
        Box::pin(self.set_tag(repository, digest, tag))
    }
}

fn parse(bytes: &[u8]) -> Option<Answer> {
    let end = bytes.windows(4).position(|w| w == b"\r\n\r\n")?;
    let head = std::str::from_utf8(&bytes[..end]).ok()?;
    let mut lines = head.split("\r\n");
    let status = lines.next()?.split(' ').nth(1)?.parse().ok()?;
    let headers: Vec<_> = lines
        .filter_map(|line| line.split_once(':'))
        .map(|(name, value)| (name.to_owned(), value.trim().to_owned()))
        .collect();
    let rest = &bytes[end + 4..];
    let chunked = headers
        .iter()
        .any(|(k, v)| k.eq_ignore_ascii_case("Transfer-Encoding") && v.eq_ignore_ascii_case("chunked"));
    let body = if chunked { unchunk(rest)? } else { rest.to_vec() };
    Some(Answer { status, headers, body })
}

fn unchunk(mut rest: &[u8]) -> Option<Vec<u8>> {
    let mut body = Vec::new();
    loop {
        let end = rest.windows(2).position(|w| w == b"\r\n")?;
        let size = std::str::from_utf8(&rest[..end]).ok()?.split(';').next()?.trim();
        let size = usize::from_str_radix(size, 16).ok()?;
        rest = &rest[end + 2..];
        if size == 0 {
            return Some(body);
        }
        body.extend_from_slice(rest.get(..size)?);
        rest = rest.get(size.checked_add(2)?..)?;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_are_read_plain_and_chunked() {
        let plain = parse(b"HTTP/1.1 200 OK\r\nDocker-Content-Digest: sha256:ab\r\n\r\nbody").unwrap();
        assert_eq!((plain.status, plain.body.as_slice()), (200, b"body".as_slice()));
        assert_eq!(plain.header("docker-content-digest"), Some("sha256:ab"));
        let chunked =
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2;x=y\r\nde\r\n0\r\n\r\n";
        assert_eq!(parse(chunked).unwrap().body, b"abcde");
        for bad in [
            "",
            "HTTP/1.1",
            "garbage\r\n\r\n",
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nffffffffffffffff\r\nx",
        ] {
            assert!(parse(bad.as_bytes()).is_none(), "{bad:?}");
        }
    }
}

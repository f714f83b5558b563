//! A client that knows just enough of HTTP and of the protocols.

use std::fmt::Write as _;

use copilot_local_aws::{Clock, LocalAws, Options, Pace};
use serde_json::Value;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

pub(crate) const ACCOUNT: &str = "123456789012";
pub(crate) const REGION: &str = "us-west-2";

/// Options with which a run is the same each time: a step per request, a clock of its own.
pub(crate) fn options() -> Options {
    Options { pace: Pace::PerRequest, clock: Clock::stepping(1_795_474_321_000), ..Options::default() }
}

pub(crate) async fn start() -> (LocalAws, Client) {
    let aws = LocalAws::start(options()).await.unwrap();
    let client = Client::new(aws.endpoint());
    (aws, client)
}

/// An answer.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
}

impl Answer {
    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// The text between the first `<tag>` and `</tag>`.
    pub(crate) fn xml(&self, tag: &str) -> String {
        let text = self.text();
        let rest = text.split_once(&format!("<{tag}>")).map(|(_, rest)| rest.to_owned()).unwrap_or_default();
        rest.split_once(&format!("</{tag}>")).map(|(text, _)| text.to_owned()).unwrap_or_default()
    }

    /// The texts between all `<tag>` and `</tag>`.
    pub(crate) fn all(&self, tag: &str) -> Vec<String> {
        let text = self.text();
        let open = format!("<{tag}>");
        let parts = text.split(&open).skip(1);
        parts
            .filter_map(|part| part.split_once(&format!("</{tag}>")).map(|(text, _)| text.to_owned()))
            .collect()
    }
}

/// Who asks, and where.
#[derive(Debug, Clone)]
pub(crate) struct Client {
    pub(crate) host: String,
    pub(crate) key: String,
    pub(crate) token: Option<String>,
    pub(crate) region: String,
}

impl Client {
    pub(crate) fn new(endpoint: &str) -> Self {
        let host = endpoint.trim_start_matches("http://").to_owned();
        Self { host, key: "test".into(), token: None, region: REGION.into() }
    }

    /// The header that names the service, unless the request is not to be signed.
    pub(crate) fn signature(&self, service: &str) -> String {
        let mut head = format!(
            "Authorization: AWS4-HMAC-SHA256 Credential={}/20261123/{}/{service}/aws4_request, SignedHeaders=host, Signature=0\r\n",
            self.key, self.region
        );
        if let Some(token) = &self.token {
            let _ = write!(head, "X-Amz-Security-Token: {token}\r\n");
        }
        head
    }

    /// Sends a request as it is; none if the connection is cut before the answer is whole.
    pub(crate) async fn raw(&self, method: &str, path: &str, headers: &str, body: &[u8]) -> Option<Answer> {
        let host = format!("Host: {}\r\n{headers}", self.host);
        self.bare(method, path, &host, body).await
    }

    /// Like `raw`, without a `Host`.
    pub(crate) async fn bare(&self, method: &str, path: &str, headers: &str, body: &[u8]) -> Option<Answer> {
        let mut stream = TcpStream::connect(&self.host).await.unwrap();
        let head = format!(
            "{method} {path} HTTP/1.1\r\nContent-Length: {}\r\nConnection: close\r\n{headers}\r\n",
            body.len()
        );
        stream.write_all(head.as_bytes()).await.ok()?;
        stream.write_all(body).await.ok()?;
        let mut bytes = Vec::new();
        stream.read_to_end(&mut bytes).await.ok()?;
        let end = bytes.windows(4).position(|part| part == b"\r\n\r\n")?;
        let head = String::from_utf8_lossy(&bytes[..end]).into_owned();
        let mut lines = head.lines();
        let status = lines.next()?.split(' ').nth(1)?.parse().ok()?;
        let headers: Vec<(String, String)> = lines
            .filter_map(|line| {
                line.split_once(": ").map(|(key, value)| (key.to_lowercase(), value.to_owned()))
            })
            .collect();
        let answer = Answer { status, headers, body: bytes[end + 4..].to_vec() };
        let length: usize =
            answer.header("content-length").and_then(|length| length.parse().ok()).unwrap_or(0);
        (method == "HEAD" || answer.body.len() >= length).then_some(answer)
    }

    pub(crate) async fn s3(&self, method: &str, path: &str, headers: &str, body: &[u8]) -> Answer {
        let headers = format!("{}{headers}", self.signature("s3"));
        self.raw(method, path, &headers, body).await.unwrap()
    }

    /// A request of the query protocol; the fields are encoded.
    pub(crate) async fn try_query(
        &self,
        service: &str,
        action: &str,
        fields: &[(&str, &str)],
    ) -> Option<Answer> {
        let mut body = format!("Action={action}&Version=2010-05-15");
        for (key, value) in fields {
            let _ = write!(body, "&{key}=");
            for byte in value.bytes() {
                let _ = write!(body, "%{byte:02X}");
            }
        }
        self.raw("POST", "/", &self.signature(service), body.as_bytes()).await
    }

    pub(crate) async fn query(&self, service: &str, action: &str, fields: &[(&str, &str)]) -> Answer {
        self.try_query(service, action, fields).await.unwrap()
    }

    pub(crate) async fn cfn(&self, action: &str, fields: &[(&str, &str)]) -> Answer {
        self.query("cloudformation", action, fields).await
    }

    /// A request with JSON; status and answer.
    pub(crate) async fn json(&self, service: &str, operation: &str, input: &Value) -> (u16, Value) {
        let headers = format!("{}X-Amz-Target: Service.{operation}\r\n", self.signature(service));
        let answer = self.raw("POST", "/", &headers, input.to_string().as_bytes()).await.unwrap();
        (answer.status, serde_json::from_slice(&answer.body).unwrap())
    }

    /// Asks for a stack until nothing is under way; its last status.
    pub(crate) async fn settle(&self, stack: &str) -> String {
        for _ in 0..500 {
            let answer = self.cfn("DescribeStacks", &[("StackName", stack)]).await;
            let status = answer.xml("StackStatus");
            if answer.status != 200 {
                return answer.xml("Message");
            }
            if !status.ends_with("IN_PROGRESS") {
                return status;
            }
        }
        panic!("{stack} never settles");
    }

    /// The events of a stack, the oldest first, one line each.
    pub(crate) async fn events(&self, stack: &str) -> String {
        let answer = self.cfn("DescribeStackEvents", &[("StackName", stack)]).await;
        let mut lines: Vec<String> = answer
            .all("member")
            .iter()
            .map(|event| {
                let event = Answer { status: 200, headers: Vec::new(), body: event.clone().into_bytes() };
                let reason = event.xml("ResourceStatusReason");
                let line = format!("{} {}", event.xml("LogicalResourceId"), event.xml("ResourceStatus"));
                if reason.is_empty() { line } else { format!("{line}: {reason}") }
            })
            .collect();
        lines.reverse();
        lines.join("\n")
    }
}

/// The answer to a call of the JSON protocol that has to succeed.
pub(crate) async fn ask(client: &Client, service: &str, operation: &str, input: Value) -> Value {
    let (status, answer) = client.json(service, operation, &input).await;
    assert_eq!(status, 200, "{operation}: {answer}");
    answer
}

/// As [`ask`], of ECS.
pub(crate) async fn ecs(client: &Client, operation: &str, input: Value) -> Value {
    ask(client, "ecs", operation, input).await
}

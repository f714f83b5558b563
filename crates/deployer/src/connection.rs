//! Connections to GitHub and Bitbucket.
//!
//! The service was renamed from CodeStar Connections to CodeConnections; ARNs of either prefix are accepted, and the
//! old API answers for both.

use aws_sdk_codestarconnections::Client;
use aws_sdk_codestarconnections::types::ConnectionStatus;

use crate::error::Error;
use crate::session::Session;
use crate::stack::{Event, Observer, Patience};

/// Whether a manifest's `connection_name` is an ARN rather than a name.
pub fn is_arn(name: &str) -> bool {
    name.starts_with("arn:")
        && (name.contains(":codestar-connections:") || name.contains(":codeconnections:"))
}

/// Finds a connection by its name. An ARN is returned as it is.
///
/// # Errors
/// [`Error::NoConnection`] or [`Error::AmbiguousConnection`].
pub async fn find(session: &Session, name: &str) -> Result<String, Error> {
    if is_arn(name) {
        return Ok(name.to_owned());
    }
    let client = Client::new(session.config());
    let mut arns = Vec::new();
    let mut token = None;
    loop {
        let answer = client.list_connections().set_next_token(token.take()).send().await;
        let page = answer.map_err(|e| Error::aws("codestar-connections:ListConnections", &e))?;
        let named = page.connections.unwrap_or_default().into_iter();
        arns.extend(
            named.filter(|c| c.connection_name.as_deref() == Some(name)).filter_map(|c| c.connection_arn),
        );
        token = page.next_token.filter(|token| !token.is_empty());
        if token.is_none() {
            break;
        }
    }
    match arns.len() {
        0 => Err(Error::NoConnection { name: name.to_owned(), region: session.region().to_owned() }),
        1 => Ok(arns.remove(0)),
        _ => Err(Error::AmbiguousConnection { name: name.to_owned(), arns }),
    }
}

/// The status of a connection: `PENDING`, `AVAILABLE` or `ERROR`.
///
/// # Errors
/// When the service refuses.
pub async fn status(session: &Session, arn: &str) -> Result<String, Error> {
    let answer = Client::new(session.config()).get_connection().connection_arn(arn).send().await;
    let connection = answer.map_err(|e| Error::aws("codestar-connections:GetConnection", &e))?.connection;
    let status = connection.and_then(|connection| connection.connection_status);
    Ok(status.map_or_else(|| "UNKNOWN".to_owned(), |status| status.as_str().to_owned()))
}

/// Waits until a connection is available. A pending one is reported at once, with the page that completes it, unless it
/// was `reported` already. Returns whether there was anything to wait for.
///
/// # Errors
/// [`Error::ConnectionPending`] when nobody completes it in time.
pub async fn wait(
    session: &Session,
    arn: &str,
    mut reported: bool,
    patience: Patience,
    observer: Observer<'_>,
) -> Result<bool, Error> {
    let deadline = patience.deadline();
    loop {
        let status = status(session, arn).await?;
        if status == ConnectionStatus::Available.as_str() {
            if reported {
                observer(Event::ConnectionAvailable { arn: arn.to_owned() });
            }
            return Ok(reported);
        }
        if !reported {
            observer(Event::ConnectionPending { arn: arn.to_owned(), url: console_url(arn) });
            reported = true;
        }
        if patience.pause(deadline, "the connection").await.is_err() {
            let minutes = patience.limit.as_secs() / 60;
            return Err(Error::ConnectionPending { arn: arn.to_owned(), status, minutes });
        }
    }
}

/// The console page on which a connection is completed, in the partition and region of its ARN.
pub fn console_url(arn: &str) -> String {
    let mut parts = arn.split(':').skip(1);
    let partition = parts.next().unwrap_or("aws");
    let region = parts.nth(1).unwrap_or("us-east-1");
    let id = arn.rsplit("connection/").next().filter(|id| *id != arn).unwrap_or_default();
    let host = match partition {
        "aws-cn" => "console.amazonaws.cn",
        "aws-us-gov" => "console.amazonaws-us-gov.com",
        _ => "console.aws.amazon.com",
    };
    let page = format!("https://{region}.{host}/codesuite/settings/connections");
    if id.is_empty() { format!("{page}?region={region}") } else { format!("{page}/{id}?region={region}") }
}

#[cfg(test)]
mod tests {
    use super::{console_url, is_arn};

    #[test]
    fn both_service_prefixes_are_arns() {
        assert!(is_arn("arn:aws:codestar-connections:us-west-2:1:connection/ab"));
        assert!(is_arn("arn:aws:codeconnections:us-west-2:1:connection/ab"));
        assert!(!is_arn("my-connection"));
    }

    #[test]
    fn the_console_page_is_in_the_connections_partition() {
        assert_eq!(
            console_url("arn:aws:codeconnections:eu-west-1:1:connection/ab"),
            "https://eu-west-1.console.aws.amazon.com/codesuite/settings/connections/ab?region=eu-west-1"
        );
        assert!(
            console_url("arn:aws-cn:codestar-connections:cn-north-1:1:connection/ab")
                .contains("console.amazonaws.cn")
        );
    }
}

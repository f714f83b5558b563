//! Reading a log group, page by page.

use aws_config::SdkConfig;
use aws_sdk_cloudwatchlogs::Client;
use aws_sdk_cloudwatchlogs::operation::filter_log_events::FilterLogEventsError;
use aws_sdk_cloudwatchlogs::operation::get_log_events::GetLogEventsError;
use serde::Serialize;

use crate::error::Error;

/// A line of a log. Its JSON is what Copilot prints; times are milliseconds since 1970.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct LogEvent {
    /// The stream that it is in, such as `copilot/CONTAINER/TASK`.
    #[serde(rename = "logStreamName")]
    pub stream: String,
    /// When CloudWatch got it.
    pub ingestion_time: i64,
    /// What was written.
    pub message: String,
    /// When it was written.
    pub timestamp: i64,
    /// What tells it from one that is the same otherwise; empty where nothing does.
    #[serde(skip)]
    pub id: String,
}

/// A range of times in milliseconds since 1970. The end is not in it; without one it is open.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Range {
    /// Its beginning.
    pub from: Option<i64>,
    /// Its end.
    pub to: Option<i64>,
}

/// Some lines, oldest first, and where to go on.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Page {
    /// The lines; there may be none although there are more.
    pub events: Vec<LogEvent>,
    /// What the next page is asked for with, if there is one.
    pub next: Option<String>,
}

/// A log group, as somebody who may read it.
#[derive(Debug, Clone)]
pub struct LogGroup {
    client: Client,
    name: String,
    region: String,
}

impl LogGroup {
    /// The log group with a name, over a configuration of the AWS SDK.
    #[doc(hidden)]
    pub fn new(config: &SdkConfig, name: impl Into<String>) -> Self {
        let region = config.region().map(ToString::to_string).unwrap_or_default();
        Self { client: Client::new(config), name: name.into(), region }
    }

    /// Its name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// A page of what streams whose names begin so have in a range of times, in the order of the times.
    ///
    /// # Errors
    /// [`Error::Nothing`] when there is no such group, or when CloudWatch refuses.
    pub async fn page(&self, prefix: &str, range: Range, next: Option<String>) -> Result<Page, Error> {
        let request = self.client.filter_log_events().log_group_name(&self.name);
        let request = request.set_start_time(range.from).set_end_time(range.to.map(|to| to - 1));
        let request = if prefix.is_empty() { request } else { request.log_stream_name_prefix(prefix) };
        let answer = match request.set_next_token(next).send().await {
            Ok(answer) => answer,
            Err(error)
                if error
                    .as_service_error()
                    .is_some_and(FilterLogEventsError::is_resource_not_found_exception) =>
            {
                return Err(self.missing());
            }
            Err(error) => return Err(Error::aws("logs:FilterLogEvents", &error)),
        };
        let events = answer.events.unwrap_or_default().into_iter().map(|event| LogEvent {
            stream: event.log_stream_name.unwrap_or_default(),
            ingestion_time: event.ingestion_time.unwrap_or_default(),
            message: event.message.unwrap_or_default(),
            timestamp: event.timestamp.unwrap_or_default(),
            id: event.event_id.unwrap_or_default(),
        });
        Ok(Page { events: events.collect(), next: answer.next_token.filter(|token| !token.is_empty()) })
    }

    /// All that a stream has in a range of times. A stream that is not there has nothing.
    ///
    /// # Errors
    /// When CloudWatch refuses.
    pub async fn stream(&self, name: &str, range: Range) -> Result<Vec<LogEvent>, Error> {
        let mut found = Vec::new();
        let mut token: Option<String> = None;
        loop {
            let request = self.client.get_log_events().log_group_name(&self.name).log_stream_name(name);
            let request = request.set_start_time(range.from).set_end_time(range.to).start_from_head(true);
            let Some(answer) = answered(request.set_next_token(token.clone()).send().await)? else { break };
            found.extend(answer.events.unwrap_or_default().into_iter().map(|event| line(name, event)));
            // The end is where the token stays the same.
            if answer.next_forward_token.is_none() || answer.next_forward_token == token {
                break;
            }
            token = answer.next_forward_token;
        }
        Ok(found)
    }

    /// The last lines of a stream, oldest first. A stream that is not there has none.
    ///
    /// # Errors
    /// When CloudWatch refuses.
    pub async fn tail(&self, name: &str, lines: usize) -> Result<Vec<LogEvent>, Error> {
        let limit = i32::try_from(lines).unwrap_or(10_000).clamp(1, 10_000);
        let request = self.client.get_log_events().log_group_name(&self.name).log_stream_name(name);
        let answer = answered(request.start_from_head(false).limit(limit).send().await)?;
        let events = answer.and_then(|answer| answer.events).unwrap_or_default().into_iter();
        Ok(events.map(|event| line(name, event)).collect())
    }

    fn missing(&self) -> Error {
        Error::Nothing(format!("there is no log group `{}` in {}", self.name, self.region))
    }
}

type Answer = aws_sdk_cloudwatchlogs::operation::get_log_events::GetLogEventsOutput;
type Refused = aws_smithy_runtime_api::client::result::SdkError<
    GetLogEventsError,
    aws_smithy_runtime_api::client::orchestrator::HttpResponse,
>;

/// A task that ended before its first line has no stream.
fn answered(answer: Result<Answer, Refused>) -> Result<Option<Answer>, Error> {
    match answer {
        Ok(answer) => Ok(Some(answer)),
        Err(error)
            if error.as_service_error().is_some_and(GetLogEventsError::is_resource_not_found_exception) =>
        {
            Ok(None)
        }
        Err(error) => Err(Error::aws("logs:GetLogEvents", &error)),
    }
}

fn line(stream: &str, event: aws_sdk_cloudwatchlogs::types::OutputLogEvent) -> LogEvent {
    LogEvent {
        stream: stream.to_owned(),
        ingestion_time: event.ingestion_time.unwrap_or_default(),
        message: event.message.unwrap_or_default(),
        timestamp: event.timestamp.unwrap_or_default(),
        id: String::new(),
    }
}

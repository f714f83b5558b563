//! The alarms of a service: those of its stack and its addons, those that its scaling makes, and those that undo a rollout.

use aws_sdk_cloudwatch::Client;
use aws_sdk_cloudwatch::types::{AlarmType, ComparisonOperator, CompositeAlarm, MetricAlarm};
use futures::future::try_join;
use serde::Serialize;

use crate::error::Error;
use crate::null::or_zero;
use crate::stack::{self, Resource};
use crate::time::Time;
use crate::workload::Deployed;

/// Alarms that CloudWatch describes at a time.
const AT_ONCE: usize = 100;

/// An alarm. Its JSON is what Copilot prints.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Alarm {
    /// Its ARN.
    pub arn: String,
    /// Its name.
    pub name: String,
    /// When it goes off, in words; `-` for one that compares with what is usual.
    pub condition: String,
    /// `OK`, `ALARM` or `INSUFFICIENT_DATA`.
    pub status: String,
    /// `Metric`, `Composite`, `Auto Scaling` or `Rollback`.
    #[serde(rename = "type")]
    pub kind: String,
    /// When its status changed last.
    #[serde(rename = "updatedTimes", serialize_with = "or_zero")]
    pub updated: Option<Time>,
    /// What it is for, in its author's words.
    #[serde(skip)]
    pub description: String,
}

/// All alarms of a service, by type and name.
pub(super) async fn alarms(deployed: &Deployed, cluster: &str, service: &str) -> Result<Vec<Alarm>, Error> {
    let own = names(deployed.resources());
    let mut names: Vec<String> = own.collect();
    if let Some(addons) = deployed.physical_id("AddonsStack", "AWS::CloudFormation::Stack") {
        names.extend(self::names(&stack::resources(&deployed.stacks(), addons).await?));
    }
    let client = Client::new(deployed.config());
    let scales =
        deployed.resources().iter().any(|it| it.kind == "AWS::ApplicationAutoScaling::ScalableTarget");
    // What Application Auto Scaling makes for a target that it tracks is named so.
    let prefix = format!("TargetTracking-service/{cluster}/{service}-");
    let tracking = async {
        if !scales {
            return Ok(Vec::new());
        }
        described(&client, Which::Prefix(&prefix)).await
    };
    let (found, tracking) = try_join(by_names(&client, &names), tracking).await?;
    let rollback = format!("{}-CopilotRollback", deployed.task_family());
    let own = found.into_iter().map(|alarm| {
        if alarm.name.starts_with(&rollback) { Alarm { kind: "Rollback".into(), ..alarm } } else { alarm }
    });
    let tracking = tracking.into_iter().map(|alarm| Alarm { kind: "Auto Scaling".into(), ..alarm });
    let mut found: Vec<Alarm> = own.chain(tracking).collect();
    found.sort_by(|a, b| (&a.kind, &a.name).cmp(&(&b.kind, &b.name)));
    Ok(found)
}

fn names(resources: &[Resource]) -> impl Iterator<Item = String> {
    let alarms = ["AWS::CloudWatch::Alarm", "AWS::CloudWatch::CompositeAlarm"];
    let alarms = resources.iter().filter(move |resource| alarms.contains(&resource.kind.as_str()));
    // A composite alarm's physical ID is its ARN.
    alarms.map(|alarm| alarm.physical_id.rsplit(":alarm:").next().unwrap_or_default().to_owned())
}

/// The alarms with these names that are there.
pub(crate) async fn by_names(client: &Client, names: &[String]) -> Result<Vec<Alarm>, Error> {
    let mut found = Vec::new();
    for names in names.chunks(AT_ONCE) {
        found.extend(described(client, Which::Names(names)).await?);
    }
    Ok(found)
}

enum Which<'a> {
    Names(&'a [String]),
    Prefix(&'a str),
}

async fn described(client: &Client, which: Which<'_>) -> Result<Vec<Alarm>, Error> {
    let kinds = vec![AlarmType::CompositeAlarm, AlarmType::MetricAlarm];
    let request = client.describe_alarms().set_alarm_types(Some(kinds));
    let request = match which {
        Which::Names(names) => request.set_alarm_names(Some(names.to_vec())),
        Which::Prefix(prefix) => request.alarm_name_prefix(prefix),
    };
    let mut pages = request.into_paginator().send();
    let mut found = Vec::new();
    while let Some(page) = pages.next().await {
        let page = page.map_err(|error| Error::aws("cloudwatch:DescribeAlarms", &error))?;
        found.extend(page.composite_alarms.unwrap_or_default().into_iter().map(composite));
        found.extend(page.metric_alarms.unwrap_or_default().into_iter().map(metric));
    }
    Ok(found)
}

fn composite(alarm: CompositeAlarm) -> Alarm {
    Alarm {
        arn: alarm.alarm_arn.unwrap_or_default(),
        name: alarm.alarm_name.unwrap_or_default(),
        condition: alarm.alarm_rule.unwrap_or_default(),
        status: alarm.state_value.map(|state| state.as_str().to_owned()).unwrap_or_default(),
        kind: "Composite".into(),
        updated: alarm.state_updated_timestamp.map(Time::from),
        description: alarm.alarm_description.unwrap_or_default(),
    }
}

fn metric(alarm: MetricAlarm) -> Alarm {
    Alarm {
        condition: condition(&alarm),
        arn: alarm.alarm_arn.unwrap_or_default(),
        name: alarm.alarm_name.unwrap_or_default(),
        status: alarm.state_value.map(|state| state.as_str().to_owned()).unwrap_or_default(),
        kind: "Metric".into(),
        updated: alarm.state_updated_timestamp.map(Time::from),
        description: alarm.alarm_description.unwrap_or_default(),
    }
}

/// When an alarm goes off, in Copilot's words.
fn condition(alarm: &MetricAlarm) -> String {
    if alarm.threshold_metric_id.is_some() && alarm.metrics().len() >= 2 {
        return "-".to_owned();
    }
    let sign = match &alarm.comparison_operator {
        Some(ComparisonOperator::GreaterThanOrEqualToThreshold) => "≥",
        Some(ComparisonOperator::GreaterThanThreshold | ComparisonOperator::GreaterThanUpperThreshold) => ">",
        Some(ComparisonOperator::LessThanThreshold | ComparisonOperator::LessThanLowerThreshold) => "<",
        Some(ComparisonOperator::LessThanOrEqualToThreshold) => "≤",
        Some(ComparisonOperator::LessThanLowerOrGreaterThanUpperThreshold) => "outside",
        _ => "",
    };
    let periods = alarm.evaluation_periods.unwrap_or_default();
    let points = alarm.datapoints_to_alarm.filter(|points| *points != 0).unwrap_or(periods);
    let within = i64::from(periods) * i64::from(alarm.period.unwrap_or_default());
    let (metric, threshold) = (alarm.metric_name().unwrap_or_default(), alarm.threshold.unwrap_or_default());
    format!("{metric} {sign} {threshold:.2} for {points} datapoints within {}", span(within))
}

/// A number of seconds in its largest whole unit.
fn span(seconds: i64) -> String {
    let units = [
        ("year", 31_104_000),
        ("month", 2_592_000),
        ("week", 604_800),
        ("day", 86_400),
        ("hour", 3_600),
        ("minute", 60),
        ("second", 1),
    ];
    match units.into_iter().find(|(_, length)| seconds >= *length) {
        None => "now".to_owned(),
        Some((unit, length)) if seconds / length == 1 => format!("1 {unit}"),
        Some((unit, length)) => format!("{} {unit}s", seconds / length),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn conditions_are_told_as_copilot_tells_them() {
        let alarm = MetricAlarm::builder()
            .metric_name("CPUUtilization")
            .comparison_operator(ComparisonOperator::GreaterThanOrEqualToThreshold)
            .threshold(70.0)
            .evaluation_periods(3)
            .period(60);
        assert_eq!(
            condition(&alarm.clone().build()),
            "CPUUtilization ≥ 70.00 for 3 datapoints within 3 minutes"
        );
        let once = alarm.datapoints_to_alarm(1).evaluation_periods(1).period(3600);
        assert_eq!(condition(&once.build()), "CPUUtilization ≥ 70.00 for 1 datapoints within 1 hour");
        assert_eq!((span(0), span(59), span(90_000)), ("now".into(), "59 seconds".into(), "1 day".into()));
    }
}

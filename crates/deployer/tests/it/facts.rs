use copilot_deployer::application;
use copilot_deployer::facts::{Question, Wanted, gather};
use copilot_deployer::{Error, connection};
use copilot_local_aws::{Application, Effect, Fault};

use crate::{ACCOUNT, REGION, calls, shop, start};

#[tokio::test]
async fn all_is_gathered_with_each_question_asked_once() {
    let (aws, session) = start(&shop()).await;
    let gathered = gather(&session, "shop", &Wanted::everything()).await.unwrap();
    let regions: Vec<_> = gathered.facts.regions.keys().map(String::as_str).collect();
    assert_eq!(regions, ["eu-west-1", "us-west-2"], "sorted as the StackSet lists them (row 44)");
    assert_eq!(gathered.facts.environments["prod"].region, "eu-west-1");
    insta::assert_snapshot!("calls_of_everything", calls(&aws));
}

#[tokio::test]
async fn a_pipeline_needs_nothing_of_its_environments_stacks() {
    let (aws, session) = start(&shop()).await;
    let wanted = Wanted { questions: vec![Question::Pipelines, Question::Workloads], ..Wanted::default() };
    let gathered = gather(&session, "shop", &wanted).await.unwrap();
    assert_eq!(gathered.workloads, Some(vec!["api".to_owned()]));
    insta::assert_snapshot!("calls_for_a_pipeline", calls(&aws));
}

/// The tagging service leaves out subnets that another account shares, and keeps some that are gone.
#[tokio::test]
async fn subnets_are_asked_of_their_own_service() {
    let (aws, session) = start(&shop()).await;
    aws.with_state(|state| {
        let mut region = state.region(ACCOUNT, REGION);
        region.add_subnet("subnet-b", "vpc-1", &[("tier", "a & b"), ("empty", "")]);
        region.add_subnet("subnet-a", "vpc-1", &[("tier", "private")]);
        region.add_subnet("subnet-c", "vpc-1", &[]);
    });
    let wanted = Wanted { questions: vec![Question::Subnets], ..Wanted::default() };
    let gathered = gather(&session, "shop", &wanted).await.unwrap();
    // Those of the environments themselves have long ids.
    let own = |env: &str| -> Vec<_> {
        let all = gathered.facts.environments[env].subnets.iter();
        all.filter(|subnet| subnet.id.len() == "subnet-a".len()).cloned().collect()
    };
    let found = own("test");
    let ids: Vec<&str> = found.iter().map(|subnet| subnet.id.as_str()).collect();
    assert_eq!(ids, ["subnet-a", "subnet-b"], "what has no tags can't be found by one");
    assert_eq!(found[1].tags["tier"], "a & b");
    assert_eq!(found[1].tags["empty"], "");
    assert_eq!(own("prod"), [], "which is in another region");
    assert_eq!(aws.calls().count("ec2", "DescribeSubnets"), 2);
}

#[tokio::test]
async fn subnets_come_in_pages_and_refusals_are_named() {
    let (aws, session) = start(&shop()).await;
    aws.with_state(|state| {
        for number in 0..1001 {
            state.region(ACCOUNT, REGION).add_subnet(&format!("subnet-{number:04}"), "vpc-1", &[("n", "x")]);
        }
    });
    for effect in [Effect::Throttle, Effect::Unavailable, Effect::CutConnection] {
        aws.inject(Fault::new(effect).on("ec2:DescribeSubnets").times(1));
    }
    let wanted = Wanted {
        questions: vec![Question::Subnets],
        environments: Some(vec!["test".into()]),
        ..Wanted::default()
    };
    let gathered = gather(&session, "shop", &wanted).await.unwrap();
    let found = gathered.facts.environments["test"].subnets.iter();
    assert_eq!(found.filter(|subnet| subnet.tags.contains_key("n")).count(), 1001);
    aws.inject(Fault::new(Effect::AccessDenied).on("ec2:DescribeSubnets"));
    let error = gather(&session, "shop", &wanted).await.unwrap_err();
    assert!(matches!(error, Error::AccessDenied { operation: "ec2:DescribeSubnets", .. }), "{error}");
}

#[tokio::test]
async fn lists_are_read_to_their_last_page() {
    let mut application = Application::new("shop", ACCOUNT, REGION);
    for number in 0..37 {
        application = application.environment(&format!("env-{number:02}"), REGION);
    }
    let (aws, session) = start(&application).await;
    let environments = application::environments(&session, "shop").await.unwrap();
    assert_eq!(environments.len(), 37);
    assert!(aws.calls().count("ssm", "GetParametersByPath") > 1);
}

#[tokio::test]
async fn throttling_and_faults_are_retried() {
    let (aws, session) = start(&shop()).await;
    for effect in [
        Effect::Throttle,
        Effect::InternalError,
        Effect::Unavailable,
        Effect::CutConnection,
        Effect::CutAnswer,
    ] {
        aws.inject(Fault::new(effect).times(2));
    }
    let gathered = gather(&session, "shop", &Wanted::everything()).await.unwrap();
    assert_eq!(gathered.facts.environments.len(), 2);
}

#[tokio::test]
async fn what_is_not_there_is_named() {
    let (_aws, session) = start(&shop()).await;
    let error = gather(&session, "shopp", &Wanted::default()).await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "couldn't find an application named shopp in account 123456789012 and region us-west-2"
    );
    let wanted = Wanted { environments: Some(vec!["staging".into()]), ..Wanted::default() };
    let error = gather(&session, "shop", &wanted).await.unwrap_err();
    assert!(matches!(error, Error::NoEnvironment { ref name, .. } if name == "staging"), "{error}");
}

#[tokio::test]
async fn row_50_connections_are_found_by_name_or_arn() {
    let (_aws, session) = start(&shop()).await;
    let arn = "arn:aws:codeconnections:us-west-2:123456789012:connection/ab";
    assert_eq!(connection::find(&session, arn).await.unwrap(), arn);
    let error = connection::find(&session, "nobody").await.unwrap_err();
    assert!(matches!(error, Error::NoConnection { .. }), "{error}");
    let client = aws_sdk_codestarconnections::Client::new(session.config());
    for name in ["one", "two", "two"] {
        let provider = aws_sdk_codestarconnections::types::ProviderType::Github;
        client.create_connection().connection_name(name).provider_type(provider).send().await.unwrap();
    }
    assert!(connection::find(&session, "one").await.unwrap().contains(":connection/"));
    let error = connection::find(&session, "two").await.unwrap_err();
    assert!(matches!(error, Error::AmbiguousConnection { ref arns, .. } if arns.len() == 2), "{error}");
}

use std::collections::BTreeMap;
use std::sync::Mutex;

use copilot_deployer::stack::{self, ChangeSet, Deployed, Event, Template};
use copilot_deployer::{Error, pipeline, regional};
use copilot_local_aws::{Application, ResourceAction, ResourceFault};

use crate::{ACCOUNT, PATIENCE, REGION, session, shop, start};

fn change(name: &str, topics: &[&str]) -> ChangeSet {
    let resources: BTreeMap<&str, serde_json::Value> =
        topics.iter().map(|topic| (*topic, serde_json::json!({"Type": "AWS::SNS::Topic"}))).collect();
    ChangeSet {
        stack: "topics".into(),
        template: Template::Body(serde_json::json!({"Resources": resources}).to_string()),
        parameters: BTreeMap::new(),
        tags: BTreeMap::new(),
        name: name.into(),
        recreate: false,
        wait: false,
    }
}

/// The events as lines.
#[derive(Default)]
struct Seen(Mutex<Vec<String>>);

impl Seen {
    fn note(&self, event: &Event) {
        let line = match event {
            Event::Resource(resource) => format!("{} {}", resource.logical_id, resource.status),
            Event::Changes { create, changes, .. } => {
                let names: Vec<_> =
                    changes.iter().map(|c| format!("{} {}", c.action, c.logical_id)).collect();
                format!("create {create}: {}", names.join(", "))
            }
            event => format!("{event:?}"),
        };
        self.0.lock().unwrap().push(line);
    }

    fn text(self) -> String {
        self.0.into_inner().unwrap().join("\n")
    }
}

#[tokio::test]
async fn row_39_every_step_is_told() {
    let (_aws, session) = start(&shop()).await;
    let (client, seen) = (stack::client(&session), Seen::default());
    let observe = |event: Event| seen.note(&event);
    let deploy = async |change: &ChangeSet| stack::deploy(&client, change, PATIENCE, &observe).await.unwrap();
    assert_eq!(deploy(&change("a", &["One", "Two"])).await, Deployed::Created);
    assert_eq!(deploy(&change("b", &["One", "Two"])).await, Deployed::Unchanged);
    assert_eq!(deploy(&change("c", &["One"])).await, Deployed::Updated);
    assert!(stack::delete(&client, "topics", PATIENCE, &observe).await.unwrap());
    assert!(!stack::delete(&client, "topics", PATIENCE, &observe).await.unwrap(), "it is gone already");
    insta::assert_snapshot!(seen.text());
}

#[tokio::test]
async fn row_39_the_first_failed_resource_is_the_reason() {
    let (aws, session) = start(&shop()).await;
    let fault = ResourceFault {
        target: "Two".into(),
        stack: None,
        action: ResourceAction::Create,
        reason: "Topic limit reached".into(),
        times: Some(1),
    };
    aws.inject_resource(fault);
    let client = stack::client(&session);
    let error = stack::deploy(&client, &change("a", &["One", "Two"]), PATIENCE, &|_| {}).await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "Two (AWS::SNS::Topic): Topic limit reached\nstack topics ended in ROLLBACK_COMPLETE"
    );
    let again = stack::deploy(&client, &change("b", &["One"]), PATIENCE, &|_| {}).await.unwrap_err();
    assert!(matches!(again, Error::StackStuck { .. }), "{again}");
    let recreate = ChangeSet { recreate: true, ..change("c", &["One"]) };
    assert_eq!(stack::deploy(&client, &recreate, PATIENCE, &|_| {}).await.unwrap(), Deployed::Created);
}

#[tokio::test]
async fn a_busy_stack_is_reported_or_waited_for() {
    let (_aws, session) = start(&shop()).await;
    let client = stack::client(&session);
    let body = serde_json::json!({"Resources": {"One": {"Type": "AWS::SNS::Topic"}}}).to_string();
    client.create_stack().stack_name("topics").template_body(body).send().await.unwrap();
    let error = stack::deploy(&client, &change("a", &["One", "Two"]), PATIENCE, &|_| {}).await.unwrap_err();
    assert!(matches!(error, Error::StackBusy { .. }), "{error}");
    let waiting = ChangeSet { wait: true, ..change("b", &["One", "Two"]) };
    assert_eq!(stack::deploy(&client, &waiting, PATIENCE, &|_| {}).await.unwrap(), Deployed::Updated);
}

#[tokio::test]
async fn row_1_a_region_is_added_once_even_if_interrupted() {
    let application = Application::new("shop", ACCOUNT, REGION).environment("test", "eu-west-1");
    let (aws, first) = start(&application).await;
    assert_eq!(regional::regions(&first, "shop", ACCOUNT).await.unwrap().len(), 1);
    let client = stack::client(&first);
    // As if an earlier run had been killed right after it asked.
    let request = client.create_stack_instances().stack_set_name("shop-infrastructure");
    request.accounts(ACCOUNT).regions(REGION).send().await.unwrap();
    let second = session(&aws, REGION).await;
    regional::bootstrap(&second, "shop", ACCOUNT, false, PATIENCE, &|_| {}).await.unwrap();
    let regions = regional::regions(&second, "shop", ACCOUNT).await.unwrap();
    assert!(regions.iter().any(|region| region.region == REGION && !region.bucket.is_empty()), "{regions:?}");
    assert_eq!(aws.calls().count("cloudformation", "CreateStackInstances"), 1);
}

#[tokio::test]
async fn a_region_that_cannot_be_added_says_why() {
    let application = Application::new("shop", ACCOUNT, REGION).environment("test", "eu-west-1");
    let (aws, session) = start(&application).await;
    let fault = ResourceFault {
        target: "PipelineBuiltArtifactBucket".into(),
        stack: None,
        action: ResourceAction::Create,
        reason: "Bucket limit reached".into(),
        times: Some(1),
    };
    aws.inject_resource(fault);
    let error = regional::bootstrap(&session, "shop", ACCOUNT, false, PATIENCE, &|_| {}).await.unwrap_err();
    assert!(error.help().unwrap().contains("shop-infrastructure"), "{error}");
    insta::assert_snapshot!(error.to_string());
    let left = regional::left_over(&session, "shop", ACCOUNT).await.unwrap().unwrap();
    let stuck = regional::bootstrap(&session, "shop", ACCOUNT, false, PATIENCE, &|_| {}).await.unwrap_err();
    assert!(matches!(&stuck, Error::StackStuck { stack, .. } if *stack == left.name), "{stuck}");
    assert_eq!(aws.calls().count("cloudformation", "DeleteStackInstances"), 0, "nobody agreed");
    regional::bootstrap(&session, "shop", ACCOUNT, true, PATIENCE, &|_| {}).await.unwrap();
    let regions = regional::regions(&session, "shop", ACCOUNT).await.unwrap();
    let names: Vec<&str> = regions.iter().map(|region| region.region.as_str()).collect();
    assert_eq!(names, ["eu-west-1", REGION], "the other instance is still there");
    assert!(regional::left_over(&session, "shop", ACCOUNT).await.unwrap().is_none());
    let calls = aws.calls();
    assert_eq!(calls.count("cloudformation", "DeleteStackInstances"), 1);
    assert_eq!(calls.count("cloudformation", "UpdateStackSet"), 0);
}

#[tokio::test]
async fn a_newer_deployed_version_is_not_replaced() {
    let (_aws, session) = start(&shop()).await;
    let client = stack::client(&session);
    let body = r#"{"Metadata": {"Version": "v1.99.0"}, "Resources": {"One": {"Type": "AWS::SNS::Topic"}}}"#;
    let newer = ChangeSet { template: Template::Body(body.into()), ..change("a", &[]) };
    stack::deploy(&client, &newer, PATIENCE, &|_| {}).await.unwrap();
    let error = pipeline::check_version(&session, "main", "topics", "v1.34.1").await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "cannot downgrade pipeline main (currently in version v1.99.0) to version v1.34.1"
    );
    pipeline::check_version(&session, "main", "topics", "v1.99.0").await.unwrap();
    pipeline::check_version(&session, "main", "nowhere", "v1.34.1").await.unwrap();
}

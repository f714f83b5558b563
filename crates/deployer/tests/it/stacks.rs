use std::collections::BTreeMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};

use aws_sdk_cloudformation::Client;
use copilot_deployer::stack::{self, ChangeSet, Deployed, Event, Manner, Template};
use copilot_deployer::{Error, Session, pipeline, regional};
use copilot_local_aws::{Application, LocalAws, ResourceAction, ResourceFault};

use crate::{ACCOUNT, PATIENCE, REGION, session, shop, start};

pub(crate) fn change(name: &str, topics: &[&str]) -> ChangeSet {
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
        manner: Manner::default(),
    }
}

/// CloudFormation as any program calls it.
fn raw(session: &Session) -> Client {
    Client::new(session.config())
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
                    changes.iter().map(|c| format!("{:?} {}", c.action, c.logical_id)).collect();
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
    raw(&session).create_stack().stack_name("topics").template_body(body).send().await.unwrap();
    let error = stack::deploy(&client, &change("a", &["One", "Two"]), PATIENCE, &|_| {}).await.unwrap_err();
    assert!(matches!(error, Error::StackBusy { .. }), "{error}");
    let waiting = ChangeSet { wait: true, ..change("b", &["One", "Two"]) };
    assert_eq!(stack::deploy(&client, &waiting, PATIENCE, &|_| {}).await.unwrap(), Deployed::Updated);
}

/// Somebody changes the parameter after it was read, and before the change set is made.
#[tokio::test]
async fn kept_parameters_are_those_that_the_stack_has() {
    let (_aws, session) = start(&shop()).await;
    let client = stack::client(&session);
    let body = |more: &str| {
        let parameters = serde_json::json!({"Kept": {"Type": "String"}, "New": {"Type": "String"}});
        serde_json::json!({
            "Parameters": parameters, "Resources": {"One": {"Type": "AWS::SNS::Topic"}}, "Description": more,
            "Outputs": {"Both": {"Value": {"Fn::Sub": "${Kept} ${New}"}}},
        })
        .to_string()
    };
    let values = |kept: &str, new: &str| {
        BTreeMap::from([("Kept".to_owned(), kept.to_owned()), ("New".to_owned(), new.to_owned())])
    };
    let template = Template::Body(body("").replace(r#","New":{"Type":"String"}"#, "").replace(" ${New}", ""));
    let parameters = BTreeMap::from([("Kept".to_owned(), "later".to_owned())]);
    let first = ChangeSet { template, parameters, ..change("a", &[]) };
    stack::deploy(&client, &first, PATIENCE, &|_| {}).await.unwrap();
    let kept = Manner { kept: vec!["Kept".into(), "New".into()], update_only: true, ..Manner::default() };
    let second = ChangeSet {
        template: Template::Body(body("second")),
        parameters: values("earlier", "made"),
        manner: kept.clone(),
        ..change("b", &[])
    };
    stack::deploy(&client, &second, PATIENCE, &|_| {}).await.unwrap();
    let found = stack::describe(&client, "topics").await.unwrap().unwrap();
    assert_eq!(found.parameters, values("later", "made"), "the stack did not have the other one");
    let nowhere = ChangeSet { stack: "nowhere".into(), manner: kept, ..change("c", &["One"]) };
    let error = stack::deploy(&client, &nowhere, PATIENCE, &|_| {}).await.unwrap_err();
    assert_eq!(error.to_string(), "there is no stack nowhere to update");
}

/// An update that is undone leaves the stack with the change set from before, which is nobody else's deployment.
#[tokio::test]
async fn a_second_update_that_fails_says_why() {
    let (aws, session) = start(&shop()).await;
    let client = stack::client(&session);
    stack::deploy(&client, &change("a", &["One"]), PATIENCE, &|_| {}).await.unwrap();
    stack::deploy(&client, &change("b", &["One", "Two"]), PATIENCE, &|_| {}).await.unwrap();
    aws.inject_resource(ResourceFault {
        target: "Three".into(),
        stack: None,
        action: ResourceAction::Create,
        reason: "no more topics".into(),
        times: Some(1),
    });
    let third = change("c", &["One", "Two", "Three"]);
    let error = stack::deploy(&client, &third, PATIENCE, &|_| {}).await.unwrap_err();
    assert!(matches!(&error, Error::StackFailed { failed: Some(_), .. }), "{error}");
    assert!(error.to_string().starts_with("Three (AWS::SNS::Topic): no more topics"), "{error}");
}

/// What another terminal does meanwhile.
fn elsewhere(aws: &LocalAws, work: impl AsyncFnOnce(Session) + Send) {
    tokio::task::block_in_place(|| {
        tokio::runtime::Handle::current().block_on(async {
            let session = session(aws, REGION).await;
            work(session).await;
        });
    });
}

/// Another terminal deploys meanwhile.
fn deploy_elsewhere(aws: &LocalAws, change: &ChangeSet) {
    elsewhere(aws, async |session| {
        stack::deploy(&stack::client(&session), change, PATIENCE, &|_| {}).await.unwrap();
    });
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn another_deployment_that_was_quicker_is_named() {
    let (aws, session) = start(&shop()).await;
    let client = stack::client(&session);
    for (ours, theirs) in [(["One", "Two"], ["One", "Three"]), (["One", "Four"], ["One", "Five"])] {
        // Both have worked out what to change; theirs is executed first.
        let meanwhile = |event: Event| {
            if matches!(event, Event::Changes { .. }) {
                deploy_elsewhere(&aws, &change(theirs[1], &theirs));
            }
        };
        let error = stack::deploy(&client, &change(ours[1], &ours), PATIENCE, &meanwhile).await.unwrap_err();
        let Error::Overtaken { status, .. } = &error else { panic!("{error}") };
        assert!(status.is_created() || status.is_updated(), "{status}");
        assert!(error.to_string().starts_with("another deployment of stack topics was quicker"), "{error}");
        let resources = stack::resources(&client, "topics").await.unwrap();
        assert!(resources.iter().any(|resource| resource.logical_id == theirs[1]), "{resources:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_deployment_that_waits_follows_the_one_that_was_quicker() {
    let (aws, session) = start(&shop()).await;
    let client = stack::client(&session);
    let first = AtomicBool::new(true);
    let meanwhile = |event: Event| {
        if matches!(event, Event::Changes { .. }) && first.swap(false, Ordering::Relaxed) {
            deploy_elsewhere(&aws, &change("theirs", &["One"]));
        }
    };
    let waiting = ChangeSet { wait: true, ..change("ours", &["One", "Two"]) };
    let deployed = stack::deploy(&client, &waiting, PATIENCE, &meanwhile).await.unwrap();
    assert_eq!(deployed, Deployed::Updated, "what the other created");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn another_deployment_that_is_under_way_is_named() {
    let (aws, session) = start(&shop()).await;
    let client = stack::client(&session);
    stack::deploy(&client, &change("a", &["One"]), PATIENCE, &|_| {}).await.unwrap();
    let Template::Body(theirs) = change("b", &["One", "Two"]).template else { panic!("it is a text") };
    let meanwhile = |event: Event| {
        if matches!(event, Event::Changes { .. }) {
            elsewhere(&aws, async |session| {
                raw(&session)
                    .update_stack()
                    .stack_name("topics")
                    .template_body(&theirs)
                    .send()
                    .await
                    .unwrap();
            });
        }
    };
    let error =
        stack::deploy(&client, &change("c", &["One", "Three"]), PATIENCE, &meanwhile).await.unwrap_err();
    // It goes on while this one looks.
    let Error::Overtaken { status, .. } = &error else { panic!("{error}") };
    assert!(status.is_deployed(), "{status}");
    let under_way = Error::Overtaken { stack: "topics".into(), status: "UPDATE_IN_PROGRESS".into() };
    assert_eq!(under_way.to_string(), "another deployment of stack topics is under way (UPDATE_IN_PROGRESS)");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn another_deployment_that_followed_is_named() {
    let (aws, session) = start(&shop()).await;
    let client = stack::client(&session);
    stack::deploy(&client, &change("a", &["One"]), PATIENCE, &|_| {}).await.unwrap();
    let first = AtomicBool::new(true);
    // While ours is carried out, another one waits for its end, and is carried out before ours looks again.
    let meanwhile = |event: Event| {
        if matches!(event, Event::Resource(_)) && first.swap(false, Ordering::Relaxed) {
            deploy_elsewhere(&aws, &ChangeSet { wait: true, ..change("theirs", &["One", "Three"]) });
        }
    };
    let error =
        stack::deploy(&client, &change("ours", &["One", "Two"]), PATIENCE, &meanwhile).await.unwrap_err();
    assert!(matches!(&error, Error::Replaced { stack, .. } if stack == "topics"), "{error}");
    assert_eq!(
        error.to_string(),
        "another deployment of stack topics has followed this one, of which the end was not seen (UPDATE_COMPLETE)"
    );
    let resources = stack::resources(&client, "topics").await.unwrap();
    let names: Vec<&str> = resources.iter().map(|resource| resource.logical_id.as_str()).collect();
    assert_eq!(names, ["One", "Three"], "theirs");
}

#[tokio::test]
async fn row_1_a_region_is_added_once_even_if_interrupted() {
    let application = Application::new("shop", ACCOUNT, REGION).environment("test", "eu-west-1");
    let (aws, first) = start(&application).await;
    assert_eq!(regional::regions(&first, "shop", ACCOUNT).await.unwrap().len(), 1);
    // As if an earlier run had been killed right after it asked.
    let request = raw(&first).create_stack_instances().stack_set_name("shop-infrastructure");
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
async fn the_version_of_what_is_deployed_is_known() {
    let (_aws, session) = start(&shop()).await;
    let client = stack::client(&session);
    let body = r#"{"Metadata": {"Version": "v1.99.0"}, "Resources": {"One": {"Type": "AWS::SNS::Topic"}}}"#;
    let newer = ChangeSet { template: Template::Body(body.into()), ..change("a", &[]) };
    stack::deploy(&client, &newer, PATIENCE, &|_| {}).await.unwrap();
    let deployed = pipeline::deployed_version(&session, "topics").await.unwrap();
    assert_eq!(deployed.as_deref(), Some("v1.99.0"));
    assert!(pipeline::is_later("v1.99.0", "v1.34.1") && !pipeline::is_later("v1.99.0", "v1.99.0"));
    assert_eq!(pipeline::deployed_version(&session, "nowhere").await.unwrap(), None);
}

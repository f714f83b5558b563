//! Plans, and what comes of them.

use copilot_deployer::stack::{Deployed, Event};
use copilot_engine::pipeline::{Blocker, Outcome, Plan, Settings, Wishes, apply, find, observe};
use copilot_engine::{Answers, Cloud, Error, Happening, Host, Project, Running, Scope, Subject, validate};

use crate::support::{Heard, Workspace, aws, shop};

async fn plan(project: &Project, cloud: &Cloud, wishes: Wishes, host: &dyn Host) -> Plan {
    let observed = observe(project, &find(project, "main").unwrap(), cloud, host).await.unwrap();
    Plan::new(observed, wishes, project, None).unwrap()
}

#[tokio::test]
async fn a_plan_is_carried_out_once_it_is_agreed_to() {
    let (workspace, (_aws, cloud), host) = (shop(), aws().await, Heard::default());
    let project = workspace.project();
    let settings = Settings::default();
    let first = plan(&project, &cloud, Wishes::default(), &host).await;
    assert!(first.applicable && first.complete && first.creates && !first.bootstraps, "{first:?}");
    assert!(
        matches!(&first.questions[..], [question] if matches!(question.about, Subject::CreatePipeline { .. }))
    );
    let declined = apply(first, Answers::default(), &settings, &project, &cloud, &host).await;
    assert!(matches!(declined, Outcome::Declined), "{declined:?}");
    let again = plan(&project, &cloud, Wishes::default(), &host).await;
    assert!(again.creates, "nobody has agreed, so nothing is there");
    let Outcome::Applied(applied) = apply(again, Answers::YES, &settings, &project, &cloud, &host).await
    else {
        panic!("it is there now")
    };
    assert_eq!(applied.deployed, Deployed::Created);
    let third = plan(&project, &cloud, Wishes::default(), &host).await;
    assert!(!third.creates);
    assert!(matches!(&third.questions[0].about, Subject::Update { stack } if *stack == applied.stack));
    let Outcome::Applied(applied) = apply(third, Answers::YES, &settings, &project, &cloud, &host).await
    else {
        panic!("nothing has changed")
    };
    assert_eq!(applied.deployed, Deployed::Unchanged);
}

#[tokio::test]
async fn what_stands_against_a_plan_is_data_and_can_not_be_passed_over() {
    let workspace = shop();
    fs_err::remove_dir_all(workspace.root.join("copilot/api")).unwrap();
    fs_err::remove_file(workspace.root.join("copilot/pipelines/main/buildspec.yml")).unwrap();
    let ((_aws, cloud), host, project) = (aws().await, Heard::default(), workspace.project());
    let plan = plan(&project, &cloud, Wishes::default(), &host).await;
    assert!(!plan.applicable);
    assert!(matches!(&plan.blockers[..], [Blocker::NothingToDeploy { pipeline, .. }] if pipeline == "main"));
    assert!(plan.findings.has_errors(), "a buildspec is missing");
    let text = serde_json::to_value(&plan).unwrap();
    assert_eq!(text["blockers"][0]["blocker"], "nothing_to_deploy");
    assert_eq!(text["questions"][0]["field"], "confirmed");
    let refused = apply(plan, Answers::YES, &Settings::default(), &project, &cloud, &host).await;
    assert!(matches!(refused, Outcome::Failed(Error::Blocked(_))), "{refused:?}");
}

#[tokio::test]
async fn a_run_that_is_stopped_says_what_goes_on_without_it() {
    let (workspace, (_aws, cloud)) = (shop(), aws().await);
    let project = workspace.project();
    let host = Heard::stopped_at(|what| matches!(what, Happening::Stack(Event::Changes { .. })));
    let plan = plan(&project, &cloud, Wishes::default(), &host).await;
    let stack = plan.stack.clone();
    let stopped = apply(plan, Answers::YES, &Settings::default(), &project, &cloud, &host).await;
    let Outcome::Cancelled { running: Some(Running::Creation { stack: running }) } = stopped else {
        panic!("{stopped:?}")
    };
    assert_eq!(running, stack);
    let events = host.events.into_inner().unwrap();
    assert!(events.iter().any(|event| matches!(event, Happening::Stack(_))));
}

#[test]
fn problems_of_a_workspace_are_a_report() {
    let workspace = Workspace::with(&[
        ("copilot/.workspace", "application: shop\n"),
        (
            "copilot/api/manifest.yml",
            "name: api\ntype: Backend Service\nimage: {location: nginx}\ncpu: many\n",
        ),
    ]);
    let host = Heard::default();
    let report = validate(&workspace.project(), &Scope::default(), &host).unwrap();
    assert_eq!(report.files, 1);
    assert!(report.findings.has_errors());
    let scope = Scope { names: &["web".to_owned()], ..Scope::default() };
    let error = validate(&workspace.project(), &scope, &host).unwrap_err();
    assert_eq!(error.to_string(), "the workspace has no manifest `web`");
}

use copilot_deployer::facts::{Wanted, gather};
use copilot_deployer::{Endpoint, Error, Session, SessionOptions, application, stack};

use crate::{ACCOUNT, REGION, shop, start};

#[tokio::test]
async fn a_role_is_assumed_once_for_all_its_clients() {
    let (aws, session) = start(&shop()).await;
    let role = format!("arn:aws:iam::{ACCOUNT}:role/shop-test-EnvManagerRole");
    for region in [REGION, "eu-west-1", REGION] {
        let config = session.assume(&role, region).await.unwrap();
        let client = copilot_deployer::stack::Stacks::new(&config);
        stack::describe(&client, "shop-test").await.unwrap();
    }
    assert_eq!(aws.calls().count("sts", "AssumeRole"), 1);
    let log = aws.calls();
    let roles: Vec<_> = log.log().iter().filter_map(|call| call.role.as_deref()).collect();
    assert_eq!(roles, ["shop-test-EnvManagerRole"; 3]);
    aws.with_state(copilot_local_aws::State::expire_sessions);
    let config = session.assume(&role, REGION).await.unwrap();
    let error =
        stack::describe(&copilot_deployer::stack::Stacks::new(&config), "shop-test").await.unwrap_err();
    assert!(matches!(error, Error::ExpiredCredentials { .. }), "what AWS ends early is told: {error}");
}

#[tokio::test]
async fn a_role_that_refuses_is_named() {
    let (aws, session) = start(&shop()).await;
    let role = format!("arn:aws:iam::{ACCOUNT}:role/shop-prod-EnvManagerRole");
    aws.with_state(|state| state.refuse_role(&role));
    let error = gather(&session, "shop", &Wanted::everything()).await.unwrap_err();
    assert!(matches!(error, Error::AssumeRole { role: ref refused, .. } if *refused == role), "{error}");
}

#[tokio::test]
async fn nobody_listening_is_told_without_retries() {
    let keys = Some(("test".to_owned(), "test".to_owned()));
    // Port 9 of loopback is closed.
    let endpoint = Some(Endpoint { url: "http://127.0.0.1:9".into(), keys });
    let options = SessionOptions { region: Some(REGION.into()), endpoint, ..SessionOptions::default() };
    let session = Session::load(options).await.unwrap();
    let error = application::application(&session, "shop").await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "no answer to ssm:GetParameter: can't reach 127.0.0.1:9: Connection refused (os error 111)"
    );
}

//! Which workloads are deployed in which environments.

use std::collections::BTreeMap;

use copilot_stack::stack_name;
use futures::future::{join_all, try_join};
use futures::stream::{self, StreamExt as _, TryStreamExt as _};

use crate::application::{self, Environment, Workload};
use crate::error::Error;
use crate::session::Session;
use crate::stack::{self, Description, Stacks};

/// Stacks that are described at a time.
const AT_ONCE: usize = 8;

/// An environment with the workloads that are deployed in it.
#[derive(Debug)]
pub struct InEnvironment {
    /// The environment.
    pub environment: Environment,
    /// Its workloads by name, each with its stack; or why it can't be looked at.
    pub workloads: Result<Vec<(Workload, Description)>, Error>,
}

/// All environments of an application with what is deployed in them, sorted by name. One that can't be looked at does not keep
/// the others from it.
///
/// # Errors
/// When the application's records can't be read.
pub async fn everywhere(session: &Session, app: &str) -> Result<Vec<InEnvironment>, Error> {
    let (environments, workloads) =
        try_join(application::environments(session, app), application::workloads(session, app)).await?;
    let each = environments.into_iter().map(|environment| {
        let workloads = &workloads;
        async move {
            let found = deployed(session, app, &environment, workloads).await;
            InEnvironment { environment, workloads: found }
        }
    });
    Ok(join_all(each).await)
}

/// Those of the workloads that are deployed in an environment, by name: one call for each, since a manager role from before
/// 2024 may not list stacks.
///
/// # Errors
/// [`Error::AssumeRole`], or when CloudFormation refuses.
pub async fn deployed(
    session: &Session,
    app: &str,
    environment: &Environment,
    workloads: &[Workload],
) -> Result<Vec<(Workload, Description)>, Error> {
    let config = session.assume(&environment.manager_role_arn, &environment.region).await?;
    let client = Stacks::new(&config);
    let asked = workloads.iter().map(|workload| {
        let client = &client;
        async move {
            let stack = stack_name::workload(app, &environment.name, &workload.name);
            let found = stack::describe(client, &stack).await?;
            let found = found.filter(|stack| !stack.is_in_review() && !stack.is_stuck());
            Ok::<_, Error>(found.map(|stack| (workload.name.clone(), (workload.clone(), stack))))
        }
    });
    let found: Vec<_> = stream::iter(asked).buffer_unordered(AT_ONCE).try_collect().await?;
    let by_name: BTreeMap<_, _> = found.into_iter().flatten().collect();
    Ok(by_name.into_values().collect())
}

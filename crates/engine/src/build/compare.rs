//! How the stack of a workload as it is deployed differs from what it is to be.

use copilot_cfn::diff::TemplateDiff;
use copilot_deployer::stack;
use copilot_manifest::stack_name;
use copilot_stack::StackParameters;

use super::{Pair, Stack};
use crate::cloud::Cloud;
use crate::difference::{self, New};
use crate::error::Error;
use crate::host::Host;

/// The parameter that holds the image of the main container.
const IMAGE: &str = "ContainerImage";

/// Compares with what is deployed.
///
/// # Errors
/// [`Error::DifferenceUnavailable`] where the deployed template can't be had.
pub async fn compare(
    stack: &Stack,
    application: &str,
    cloud: &Cloud,
    host: &dyn Host,
) -> Result<TemplateDiff, Error> {
    let Pair { workload, environment } = &stack.pair;
    let name = stack_name::workload(application, environment, workload);
    let deployed = stack::workload_snapshot(cloud.session(), application, environment, &name);
    let deployed = host.or_cancelled(deployed).await.map_err(Error::into_unavailable)?;
    let StackParameters { mut parameters, tags } = stack.values.clone();
    let image = parameters.get_mut(IMAGE).filter(|image| image.is_empty());
    // An image that would have to be built has no name yet, so that it can't be compared.
    if let Some((new, old)) = image.zip(deployed.as_ref().and_then(|deployed| deployed.parameters.get(IMAGE)))
    {
        new.clone_from(old);
    }
    difference::with_deployed(&name, deployed, &New { template: &stack.template, parameters, tags })
}

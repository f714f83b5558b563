//! Environments: what is deployed of them, and deploying them.

mod deploy;
mod describe;

pub use deploy::{Request, deploy};
pub use describe::{Description, Network, describe, manifest};

use crate::error::Error;
use crate::session::Session;
use crate::stack;

/// Where an environment's stack is, and who may look at it and change it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// Name of the stack.
    pub stack: String,
    /// Its region.
    pub region: String,
    /// The environment's manager role.
    pub manager_role_arn: String,
}

impl Place {
    async fn client(&self, session: &Session) -> Result<stack::Stacks, Error> {
        Ok(stack::Stacks::new(&session.assume(&self.manager_role_arn, &self.region).await?))
    }
}

/// The environment's stack as it is now; `None` if there is none.
///
/// # Errors
/// [`Error::AssumeRole`], or when CloudFormation refuses.
pub async fn stack(session: &Session, place: &Place) -> Result<Option<stack::Description>, Error> {
    stack::describe(&place.client(session).await?, &place.stack).await
}

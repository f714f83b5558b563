//! Functions behind custom resources.

use copilot_cfn::intrinsic::get_att;
use copilot_cfn::{Resource, Value, cfn};

use super::context::Context;

/// Name, handler and time limit of a function.
#[derive(Debug, Clone, Copy)]
pub struct Function {
    /// Logical ID, by which its code is known, too.
    pub id: &'static str,
    /// Logical ID of its role.
    pub role: &'static str,
    /// The function in its file that is called.
    pub handler: &'static str,
    /// Seconds after which it is stopped.
    pub timeout: i64,
}

impl Function {
    /// The resource.
    pub fn resource(self, cx: &Context<'_>) -> Resource {
        Resource::new("AWS::Lambda::Function").properties(cfn!({
            "Code": { "S3Bucket": cx.artifact_bucket().to_owned(), "S3Key": cx.function_keys.key(self.id) },
            "Handler": self.handler,
            "Timeout": self.timeout,
            "MemorySize": 512,
            "Role": get_att(self.role, "Arn"),
            "Runtime": "nodejs20.x",
        }))
    }

    /// A custom resource that calls it, of the type `Custom::ID`.
    pub fn action(self) -> Resource {
        Resource::new(format!("Custom::{}", self.id)).property("ServiceToken", self.arn())
    }

    /// Its ARN.
    pub fn arn(self) -> Value {
        get_att(self.id, "Arn")
    }
}

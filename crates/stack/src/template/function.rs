//! Functions behind custom resources.

use copilot_cfn::intrinsic::get_att;
use copilot_cfn::{Resource, Value, cfn};

/// Where the code of functions lies.
#[derive(Debug, Clone, Copy)]
pub(crate) struct FunctionCode<'a> {
    /// The application's bucket in the stack's region.
    pub bucket: &'a str,
    /// Keys in the bucket.
    pub keys: &'a dyn FunctionKeys,
}

/// Where the code of the functions behind custom resources lies. A closure from name to key is one.
pub trait FunctionKeys {
    /// Key of the zip of a function such as `EnvControllerFunction` in the artifact bucket.
    fn key(&self, function: &str) -> String;
}

impl<F: Fn(&str) -> String> FunctionKeys for F {
    fn key(&self, function: &str) -> String {
        self(function)
    }
}

impl std::fmt::Debug for dyn FunctionKeys + '_ {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("FunctionKeys")
    }
}

/// Name, handler and time limit of a function.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Function {
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
    pub(crate) fn resource<'a>(self, code: impl Into<FunctionCode<'a>>) -> Resource {
        let code = code.into();
        Resource::new("AWS::Lambda::Function").properties(cfn!({
            "Code": { "S3Bucket": code.bucket.to_owned(), "S3Key": code.keys.key(self.id) },
            "Handler": self.handler,
            "Timeout": self.timeout,
            "MemorySize": 512,
            "Role": get_att(self.role, "Arn"),
            "Runtime": "nodejs20.x",
        }))
    }

    /// A custom resource that calls it, of the type `Custom::ID`.
    pub(crate) fn action(self) -> Resource {
        Resource::new(format!("Custom::{}", self.id)).property("ServiceToken", self.arn())
    }

    /// Its ARN.
    pub(crate) fn arn(self) -> Value {
        get_att(self.id, "Arn")
    }
}

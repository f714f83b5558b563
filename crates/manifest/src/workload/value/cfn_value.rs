//! Values that may come from another CloudFormation stack or from a store.

use copilot_yaml::Node;

use crate::decode::{Context, Decode, Describe, Merge, Shape, Spanned, decode_value};

crate::record! {
    /// The export of another CloudFormation stack.
    pub struct FromCfn {
        /// Name of the export whose value is imported.
        from_cfn: String,
    }
}

crate::record! {
    /// A secret of AWS Secrets Manager.
    struct FromSecretsManager {
        /// Name of the secret in the account and region of the environment, optionally with the part of it to take, as
        /// in `demo/test/mysql:password::`.
        secretsmanager: String,
    }
}

/// The text, or the name of the export to import.
enum Found {
    Text(Spanned<String>),
    FromCfn(Spanned<String>),
}

fn text_or_import(node: &Node, cx: &mut Context<'_>) -> Option<Found> {
    if node.as_mapping().is_some() {
        let import: FromCfn = cx.lenient(|cx| Decode::decode(node, cx))?;
        if import.from_cfn.is_none() {
            cx.wrong_form(node, EXPECTED);
        }
        return import.from_cfn.map(Found::FromCfn);
    }
    if node.as_scalar().is_none() {
        cx.wrong_form(node, EXPECTED);
        return None;
    }
    cx.strict(|cx| decode_value(node, cx)).map(Found::Text)
}

const EXPECTED: &str = "a string, or a mapping with the key `from_cfn`";

macro_rules! text_or_import {
    ($(#[doc = $doc:literal])* $name:ident, $(#[doc = $plain_doc:literal])* $plain:ident) => {
        $(#[doc = $doc])*
        #[derive(Debug, Clone, PartialEq, Eq)]
        pub enum $name {
            $(#[doc = $plain_doc])*
            $plain(String),
            /// The value of an export of another CloudFormation stack, by the export's name.
            FromCfn(String),
        }

        impl Decode for $name {
            fn decode(node: &Node, cx: &mut Context<'_>) -> Option<Self> {
                Some(match text_or_import(node, cx)? {
                    Found::Text(text) => Self::$plain(text.value),
                    Found::FromCfn(name) => Self::FromCfn(name.value),
                })
            }

            fn from_null() -> Option<Self> {
                Some(Self::$plain(String::new()))
            }
        }

        impl Describe for $name {
            fn shape() -> Shape {
                Shape::OneOf(vec![Shape::String, FromCfn::shape()])
            }
        }

        crate::never_blank!($name);
    };
}

text_or_import! {
    /// Value of an environment variable.
    Variable,
    /// The value itself.
    Plain
}
text_or_import! {
    /// A security group.
    SecurityGroupId,
    /// Its id, as in `sg-0123`.
    Plain
}
text_or_import! {
    /// An EFS file system.
    EfsId,
    /// Its id, as in `fs-0123`.
    Plain
}

crate::merge_replaces!(Variable, SecurityGroupId);

/// Copilot keeps both forms when base and override differ, and renders the id: so the id wins in both directions.
impl Merge for EfsId {
    fn merge(&mut self, over: &Self) {
        if !matches!((&*self, over), (Self::Plain(_), Self::FromCfn(_))) {
            self.clone_from(over);
        }
    }
}

/// Where the value of a secret environment variable is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Secret {
    /// Name or ARN of an SSM parameter, or ARN of a secret. Empty where the manifest names none.
    Parameter(String),
    /// The export of another CloudFormation stack that holds such a name or ARN, by the export's name.
    FromCfn(String),
    /// Name of a secret of AWS Secrets Manager in the environment's account and region.
    SecretsManager(String),
}

impl Decode for Secret {
    fn decode(node: &Node, cx: &mut Context<'_>) -> Option<Self> {
        if node.get("secretsmanager").is_some_and(|value| !value.is_null()) {
            let secret: FromSecretsManager = cx.lenient(|cx| Decode::decode(node, cx))?;
            return secret.secretsmanager.map(|name| Self::SecretsManager(name.value));
        }
        if node.as_mapping().is_some() && node.get("from_cfn").is_none_or(Node::is_null) {
            cx.wrong_form(node, "a string, or a mapping with the key `secretsmanager` or `from_cfn`");
            return None;
        }
        Some(match text_or_import(node, cx)? {
            Found::Text(text) => Self::Parameter(text.value),
            Found::FromCfn(name) => Self::FromCfn(name.value),
        })
    }

    fn from_null() -> Option<Self> {
        Some(Self::Parameter(String::new()))
    }
}

impl Describe for Secret {
    fn shape() -> Shape {
        Shape::OneOf(vec![Shape::String, FromSecretsManager::shape(), FromCfn::shape()])
    }
}

crate::merge_replaces!(Secret);
crate::never_blank!(Secret);

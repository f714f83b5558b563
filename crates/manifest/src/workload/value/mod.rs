//! Values that several blocks take.

mod cfn_value;
mod duration;
mod either;
mod scaling;
mod strings;
mod switch;
mod yaml;

pub use cfn_value::{EfsId, FromCfn, Secret, SecurityGroupId, Variable};
pub use duration::Duration;
pub use either::{Either, ShortForm};
pub use scaling::{Scaling, ScalingConfig};
pub use strings::{ShellWords, StringList, UnclosedQuote, split_shell_words};
pub use switch::{Settings, Switch};
pub use yaml::AnyYaml;

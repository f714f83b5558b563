//! `Static Site`.

use crate::decode::{Context, Decode, Describe, Merge, Shape, Spanned};
use crate::workload::value::StringList;

crate::record! {
    /// Files behind CloudFront.
    pub struct StaticSite {
        /// The site's address.
        http: StaticSiteHttp,
        /// Files of the site.
        files: Vec<Spanned<FileUpload>>,
    }
}

crate::record! {
    /// The site's address.
    pub struct StaticSiteHttp {
        /// Domain name of the site.
        alias: UnclearableString,
        /// ARN of an imported certificate for `alias`, in us-east-1. Default: Copilot makes one.
        certificate: UnclearableString,
    }
}

crate::record! {
    /// Files to upload.
    pub struct FileUpload {
        /// File or directory, relative to the workspace's root.
        source: String,
        /// Directory in the bucket. Default: its root.
        destination: String,
        /// Whether directories in `source` are uploaded too. Default: false.
        recursive: bool,
        /// Patterns of files to leave out.
        exclude: StringList,
        /// Patterns of files to take in spite of `exclude`.
        reinclude: StringList,
    }
}

/// A text that an override can replace, but not empty: Copilot can't tell an empty text from none here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnclearableString(pub String);

impl Decode for UnclearableString {
    fn decode(node: &copilot_yaml::Node, cx: &mut Context<'_>) -> Option<Self> {
        String::decode(node, cx).map(Self)
    }
}

impl Merge for UnclearableString {
    fn merge(&mut self, over: &Self) {
        if !over.0.is_empty() {
            self.clone_from(over);
        }
    }
}

impl Describe for UnclearableString {
    fn shape() -> Shape {
        Shape::String
    }
}

crate::never_blank!(UnclearableString);

impl StaticSite {
    /// The domain name; `None` if there is none, or an empty one.
    pub fn alias(&self) -> Option<&str> {
        let http = self.http.as_deref()?;
        http.alias.as_ref().map(|alias| alias.0.as_str()).filter(|alias| !alias.is_empty())
    }

    /// The certificate's ARN; `None` if there is none, or an empty one.
    pub fn certificate(&self) -> Option<&str> {
        let http = self.http.as_deref()?;
        http.certificate.as_ref().map(|arn| arn.0.as_str()).filter(|arn| !arn.is_empty())
    }

    /// The files to upload.
    pub fn files(&self) -> &[Spanned<FileUpload>] {
        self.files.as_deref().map_or(&[], Vec::as_slice)
    }
}

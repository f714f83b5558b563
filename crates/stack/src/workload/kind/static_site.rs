//! `Static Site`.

use copilot_cfn::{Error, Template};

use crate::workload::context::Context;
use crate::workload::model::StaticSite;
use crate::workload::part::addons_stack;
use crate::workload::part::static_site::{bucket, copy_assets, distribution, domain};
use crate::workload::stack::Stack;

/// Renders the stack.
pub(crate) fn render(site: &StaticSite<'_>, cx: &Context<'_>) -> Result<Template, Error> {
    let mut stack =
        Stack::new("CloudFormation template that represents a static site on Amazon S3 and CloudFront.");
    for name in ["AppName", "EnvName", "WorkloadName", "ArtifactKeyARN"] {
        stack.parameter(name, "String");
    }
    stack.optional("HasAddons", "AddonsTemplateURL");

    bucket::add(&mut stack);
    distribution::add(&mut stack, site, cx);
    copy_assets::add(&mut stack, site, cx);
    if let Some(alias) = domain::managed_name(site, cx) {
        domain::add(&mut stack, &alias, cx);
    }
    addons_stack::add(&mut stack, false, cx);
    stack.finish()
}

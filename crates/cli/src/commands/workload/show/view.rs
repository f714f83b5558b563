//! A service as people see it.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use anstyle::Style;
use copilot_deployer::workload::show::{
    AppRunnerDescription, Configuration, Description, EcsDescription, Resources, SiteDescription,
};

use crate::table::{Cell, Table};
use crate::text::Text;

pub(super) fn page(description: &Description, width: usize) -> Text {
    let mut page = Page { text: Text::new(), width };
    match description {
        Description::Ecs(it) => page.ecs(it),
        Description::AppRunner(it) => page.app_runner(it),
        Description::StaticSite(it) => page.site(it),
    }
    page.text
}

struct Page {
    text: Text,
    width: usize,
}

impl Page {
    fn head(&mut self, service: &str, kind: &str, app: &str, environments: usize) {
        self.text.paint(Style::new().bold(), service);
        let _ = writeln!(self.text, " of {app}, a {kind}");
        if environments == 0 {
            self.text.push("\nIt is deployed in no environment.\n");
        }
    }

    /// A table below a heading; nothing where it has no rows.
    fn table<const N: usize>(
        &mut self,
        title: &str,
        headings: [&'static str; N],
        rows: impl Iterator<Item = [Cell; N]>,
    ) {
        let mut table = Table::new(&headings);
        let mut any = false;
        for row in rows {
            any = true;
            table.row(row);
        }
        if any {
            self.text.push("\n");
            self.text.paint(Style::new().bold(), title);
            self.text.push("\n");
            self.text.push(table.without_empty().draw(2, self.width));
        }
    }

    fn ecs(&mut self, it: &EcsDescription) {
        self.head(&it.service, &it.kind, &it.application, it.configurations.0.len());
        self.configurations(&it.configurations.0);
        let routes = it.routes.iter().flat_map(|routes| &routes.0);
        let routes = routes.filter(|route| !route.url.is_empty());
        self.table(
            "Routes",
            ["Environment", "URL"],
            routes.map(|it| [(&it.environment).into(), (&it.url).into()]),
        );
        let discovery = it.service_discovery.iter().flat_map(|found| &found.0);
        let connect = it.service_connect.iter().map(|found| (found, "Service Connect"));
        let endpoints = connect.chain(discovery.map(|found| (found, "service discovery")));
        let rows =
            endpoints.map(|(it, way)| [(&it.endpoint).into(), it.environment.join(", ").into(), way.into()]);
        self.table("Inside of the network", ["Endpoint", "Environments", "By"], rows);
        let alarms = it.rollback_alarms.iter();
        let rows = alarms.map(|it| [(&it.name).into(), (&it.environment).into(), (&it.description).into()]);
        self.table("Alarms that undo a rollout", ["Name", "Environment", "Description"], rows);
        let variables = it
            .variables
            .0
            .iter()
            .map(|it| ([it.name.as_str(), &it.container, &it.value], it.environment.as_str()));
        let rows = by_environments(variables).map(|([name, container, value], environments)| {
            [name.into(), container.into(), environments.into(), value.into()]
        });
        self.table("Variables", ["Name", "Container", "Environments", "Value"], rows);
        let secrets = it
            .secrets
            .iter()
            .map(|it| ([it.name.as_str(), &it.container, &it.value_from], it.environment.as_str()));
        let rows = by_environments(secrets).map(|([name, container, place], environments)| {
            [name.into(), container.into(), environments.into(), place.into()]
        });
        self.table("Secrets", ["Name", "Container", "Environments", "From"], rows);
        self.resources(&it.resources);
    }

    fn app_runner(&mut self, it: &AppRunnerDescription) {
        self.head(&it.service, &it.kind, &it.application, it.configurations.0.len());
        self.configurations(&it.configurations.0);
        let traced = it.observability.iter().map(|it| {
            let vendor = it.tracing.as_ref().map_or("none", |tracing| &tracing.vendor);
            [Cell::from(&it.environment), Cell::from(vendor)]
        });
        self.table("Tracing", ["Environment", "By"], traced);
        let routes = it.routes.0.iter();
        let rows = routes.map(|it| [(&it.environment).into(), it.ingress.into(), (&it.url).into()]);
        self.table("Routes", ["Environment", "From", "URL"], rows);
        for (title, variables, value) in
            [("Variables", &it.variables.0, "Value"), ("Secrets", &it.secrets, "From")]
        {
            let found = variables.iter().map(|it| ([it.name.as_str(), &it.value], it.environment.as_str()));
            let rows = by_environments(found)
                .map(|([name, value], environments)| [name.into(), environments.into(), value.into()]);
            self.table(title, ["Name", "Environments", value], rows);
        }
        self.resources(&it.resources);
    }

    fn site(&mut self, it: &SiteDescription) {
        self.head(&it.service, &it.kind, &it.application, it.routes.0.len());
        let routes = it.routes.0.iter().map(|it| [(&it.environment).into(), (&it.url).into()]);
        self.table("Routes", ["Environment", "URL"], routes);
        for object in &it.objects {
            self.text.push("\n");
            self.text.paint(Style::new().bold(), format!("Files in {}", object.environment));
            self.text.push("\n");
            for line in object.tree.lines() {
                let _ = writeln!(self.text, "  {line}");
            }
        }
        self.resources(&it.resources);
    }

    fn configurations(&mut self, found: &[Configuration]) {
        let rows = found.iter().map(|it| {
            let port = if it.port == "-" { "" } else { &it.port };
            let tasks = it.tasks.as_deref().unwrap_or_default();
            let memory = if it.memory.is_empty() { String::new() } else { format!("{} MiB", it.memory) };
            [
                Cell::from(&it.environment),
                tasks.into(),
                vcpu(&it.cpu).into(),
                memory.into(),
                (&it.platform).into(),
                port.into(),
            ]
        });
        let headings = ["Environment", "Tasks", "vCPU", "Memory", "Platform", "Port"];
        self.table("Configuration", headings, rows);
    }

    fn resources(&mut self, resources: &Resources) {
        for (environment, found) in resources {
            let rows = found.iter().map(|it| [(&it.kind).into(), (&it.physical_id).into()]);
            self.table(&format!("Resources in {environment}"), ["Type", "Name at AWS"], rows);
        }
    }
}

/// What is the same in several environments once, in the order of what it is.
fn by_environments<'a, K: Ord>(
    found: impl Iterator<Item = (K, &'a str)>,
) -> impl Iterator<Item = (K, String)> {
    let mut all: BTreeMap<K, Vec<&str>> = BTreeMap::new();
    for (what, environment) in found {
        all.entry(what).or_default().push(environment);
    }
    all.into_iter().map(|(what, environments)| (what, environments.join(", ")))
}

/// Units of which 1024 are one CPU.
fn vcpu(units: &str) -> String {
    units.parse::<f64>().map_or_else(|_| units.to_owned(), |units| (units / 1024.0).to_string())
}

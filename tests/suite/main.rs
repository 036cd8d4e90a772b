//! Every behaviour of the program, one module an area: one program, so that what tests share is compiled once.

mod common;

mod accessibility;
mod command_line;
mod comparing;
mod connections;
mod deciding;
mod embedded_agent;
mod failures;
mod faults;
mod forged_lines;
mod hostile;
mod joining;
mod large_suites;
mod leaks;
mod learning;
mod readme;
mod report_formats;
mod report_hosts;
mod report_html;
mod reports;
mod review_browser;
mod review_page;
mod reviewing;
mod rough_edges;
mod schemas;
mod sharding;
mod snapshot_laws;
mod snapshot_protocol;
mod studio_links;
mod verdicts;
mod wire;
mod wrong_files;

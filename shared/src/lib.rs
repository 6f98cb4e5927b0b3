//! What Clientele's functions share. The map:
//!
//! * [`user`]: a person in the directory, and the links to the customers they are
//! * [`group`]: a group of users
//! * [`directory`]: writing users, by whichever door they come
//! * [`profile`]: the profile fields that an admin defines
//! * [`client`]: who speaks SCIM to the directory, and with which tokens
//! * [`operator`]: who works at the console, and their sessions
//! * [`activation`]: how far a user is with setting a password at an application
//! * [`amendment`]: what people changed of how the directory works
//! * [`application`]: a connected BigCommerce store, its credentials and policies
//! * [`mapping`]: which directory attribute is which customer field, and how values travel
//! * [`merge`]: the three-way merge of one pair, field by field; pure
//! * [`plan`]: what to do about one pair; pure
//! * [`bulk`]: changes of many users at once
//! * [`sync`]: read, plan and apply a batch of work
//! * [`search`]: looking for users as people do
//! * [`survey`]: walking all customers of a store, for what no event told
//! * [`import`]: a run over the customers of a store: its state, its counts, what it foresees
//! * [`csv_import`]: users from a file, checked and applied row by row
//! * [`work`]: subjects that may be out of step
//! * [`report`]: entries of the provisioning report, and what asks for a person's attention; [`seal`]: the
//!   chain of blocks that shows whether the report is as it was written
//! * [`bigcommerce`]: the only code that speaks to BigCommerce
//! * [`mail`]: mails that are asked for
//! * [`scim`]: SCIM's rules: filters, changes, schemas, resources; pure
//! * [`store`]: the only code that speaks to DynamoDB
//! * [`vault`]: sealing of secrets
//! * [`one_time`]: links that open one thing once
//! * [`password`]: what a password must be; pure
//! * [`secret`]: values that must not be printed
//! * [`clock`]: time and chance, the only door to either
//! * [`http`]: problem+json, what a JSON door answers when it cannot do what was asked
//! * [`metrics`]: figures for CloudWatch, as lines of a log
//! * [`env`](mod@env): what a function reads of its environment

pub mod activation;
pub mod amendment;
pub mod application;
pub mod bigcommerce;
pub mod bulk;
pub mod client;
pub mod clock;
pub mod csv_import;
pub mod directory;
pub mod env;
pub mod group;
pub mod http;
pub mod import;
pub mod mail;
pub mod mapping;
pub mod merge;
pub mod metrics;
pub mod one_time;
pub mod operator;
pub mod password;
pub mod places;
pub mod plan;
pub mod profile;
pub mod report;
pub mod scim;
pub mod seal;
pub mod search;
pub mod secret;
pub mod store;
pub mod survey;
pub mod sync;
pub mod user;
pub mod vault;
pub mod work;

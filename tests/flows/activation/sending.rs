//! One mail, from the row to the mailbox: to whom, what it says and what it carries.

use shared::{
    application::ActivationSettings,
    mail::{Mail, MailId},
    one_time::{Purpose, Standing},
    secret::EmailAddress,
};

use super::bench::{Bench, link, token};

#[tokio::test]
async fn a_mail_that_was_asked_for_arrives_with_a_link_that_can_be_used() {
    let bench = Bench::start().await;
    let ada = bench.user("ada@example.com", |_| {}).await;
    assert_eq!(bench.state(&ada).await, "notInvited");
    bench.send(&ada).await;
    let [mail] = &bench.mailbox().mails()[..] else { panic!("there is one mail") };
    assert_eq!(
        (&mail.to[..], mail.subject.as_str()),
        (&["ada@example.com".to_owned()][..], "Set your password for Main Store")
    );
    assert_eq!(mail.from, "\"Main Store\" <accounts@clientele.example>");
    assert!(mail.text.starts_with("Hello Ada,"), "{}", mail.text);
    let address = link(mail);
    assert!(address.starts_with(&format!("{}/activate/", bench.stack.api())), "{address}");
    assert!(mail.html.contains(&address));
    let link = bench.tables().one_time_link(&token(mail).hash()).await.unwrap().unwrap();
    assert_eq!((link.purpose, link.subject.as_str()), (Purpose::Activation, ada.id.as_str()));
    assert_eq!(link.standing(bench.stack.clock().now()), Standing::Open);
    assert_eq!(bench.state(&ada).await, "delivered");
    let entries = bench.entries().await;
    assert_eq!(
        (entries.len(), entries[0].cause.as_str(), &entries[0].user),
        (1, "mail/activation", &Some(ada.id))
    );
}

#[tokio::test]
async fn the_tables_hold_no_token_of_a_mail_g74() {
    let bench = Bench::start().await;
    let ada = bench.user("ada@example.com", |_| {}).await;
    bench.send(&ada).await;
    let token = token(&bench.mailbox().mails()[0]);
    for table in ["UsersTable", "WorkTable", "JobsTable", "ReportsTable", "SettingsTable"] {
        let dump = format!("{:?}", bench.stack.engine().items(table).unwrap());
        assert!(!dump.contains(token.expose()), "{table}");
        assert_eq!(dump.contains(token.hash().as_str()), table == "SettingsTable", "{table}");
    }
}

#[tokio::test]
async fn everybody_is_spoken_to_in_the_own_language_and_else_in_the_stores() {
    let bench = Bench::start().await;
    let settings = ActivationSettings {
        language: shared::mail::Language::Fr,
        display_name: Some("Bücherei".to_owned()),
        reply_to: Some("help@example.com".to_owned()),
        ..ActivationSettings::default()
    };
    bench.set(&settings).await;
    let with = |name: &'static str, value: &'static str| {
        move |user: &mut shared::user::User| {
            user.attributes.insert(name.to_owned(), value.to_owned());
        }
    };
    let users = [
        bench.user("de@example.com", with("preferredLanguage", "de-CH,en;q=0.5")).await,
        bench.user("es@example.com", with("locale", "es_MX")).await,
        bench.user("fr@example.com", with("locale", "sv")).await,
    ];
    for user in &users {
        bench.send(user).await;
    }
    let subjects: Vec<String> = bench.mailbox().mails().into_iter().map(|mail| mail.subject).collect();
    let expected =
        ["Ihr Passwort für Bücherei", "Su contraseña para Bücherei", "Votre mot de passe pour Bücherei"];
    assert_eq!(subjects, expected);
    assert_eq!(bench.mailbox().mails()[0].reply_to, ["help@example.com"]);
}

#[tokio::test]
async fn a_newer_mail_voids_the_link_of_the_older_g72() {
    let bench = Bench::start().await;
    let ada = bench.user("ada@example.com", |_| {}).await;
    bench.send(&ada).await;
    bench.send(&ada).await;
    let mails = bench.mailbox().mails();
    assert_eq!(mails.len(), 2);
    let now = bench.stack.clock().now();
    let mut standings = Vec::new();
    for mail in &mails {
        let link = bench.tables().one_time_link(&token(mail).hash()).await.unwrap().unwrap();
        standings.push(link.standing(now));
    }
    assert_eq!(standings, [Standing::Superseded, Standing::Open]);
}

#[tokio::test]
async fn a_mail_asked_for_twice_before_it_is_sent_is_one() {
    let bench = Bench::start().await;
    let ada = bench.user("ada@example.com", |_| {}).await;
    bench.ask(&ada).await;
    bench.send(&ada).await;
    assert_eq!(bench.mailbox().mails().len(), 1);
}

#[tokio::test]
async fn a_reset_goes_to_the_address_that_is_known_and_to_nobody_else_g77() {
    let bench = Bench::start().await;
    bench.user("Ada@Example.com", |_| {}).await;
    bench.user("idle@example.com", |user| user.active = false).await;
    for typed in [
        "ada@example.com",
        "nobody@example.com",
        "idle@example.com",
        "ada@example.com,eve@example.com",
        "ada@example.com\r\nBcc: eve@example.com",
        "ada@example.com%00eve@example.com",
    ] {
        let email = EmailAddress::new(typed);
        bench.queue(&MailId::reset(&email), Mail::Reset { email, application: None }).await;
    }
    bench.stack.settle().await.unwrap();
    let [mail] = &bench.mailbox().mails()[..] else { panic!("one of them is a user's") };
    assert_eq!(mail.to, ["Ada@example.com"]);
    let link = bench.tables().one_time_link(&token(mail).hash()).await.unwrap().unwrap();
    assert_eq!(link.purpose, Purpose::Reset);
    assert_eq!(link.expires_at.duration_since(link.issued_at).as_mins(), 60);
}

#[tokio::test]
async fn an_operator_is_sent_a_link_and_who_is_none_is_not() {
    let bench = Bench::start().await;
    let owner = EmailAddress::new("owner@example.com");
    bench.tables().seed_owner(&owner).await.unwrap();
    for email in [owner, EmailAddress::new("nobody@example.com")] {
        bench.queue(&MailId::sign_in(&email), Mail::SignIn { email }).await;
    }
    bench.stack.settle().await.unwrap();
    let [mail] = &bench.mailbox().mails()[..] else { panic!("one of them is an operator") };
    assert!(link(mail).starts_with(&format!("{}/admin/sign-in/", bench.stack.api())));
    assert_eq!(mail.to, ["owner@example.com"]);
}

#[tokio::test]
async fn a_test_mail_has_a_link_that_leads_nowhere() {
    let bench = Bench::start().await;
    let email = EmailAddress::new("me@example.com");
    let application = bench.id().clone();
    let (language, template) = ("it".to_owned(), "reset".to_owned());
    bench.queue(&MailId::random(), Mail::Test { email, application, language, template }).await;
    bench.stack.settle().await.unwrap();
    let [mail] = &bench.mailbox().mails()[..] else { panic!("there is one mail") };
    assert_eq!(mail.subject, "La sua nuova password per Main Store");
    assert_eq!(link(mail), bench.stack.api());
}

#[tokio::test]
async fn that_a_password_was_set_is_confirmed_without_a_link() {
    let bench = Bench::start().await;
    let ada = bench.user("ada@example.com", |_| {}).await;
    let mail = Mail::Confirmation { user: ada.id, applications: vec![bench.id().clone()] };
    bench.queue(&MailId::random(), mail).await;
    bench.stack.settle().await.unwrap();
    let [mail] = &bench.mailbox().mails()[..] else { panic!("there is one mail") };
    assert!(mail.subject.contains("was set") && !mail.text.contains("http"), "{}", mail.text);
}

#[tokio::test]
async fn what_is_the_persons_own_is_escaped_and_reaches_no_header_g77_g84() {
    let bench = Bench::start().await;
    let ada = bench
        .user("ada@example.com", |user| {
            user.name.given_name = Some("<img src=x onerror=alert(1)>\r\nBcc: eve@example.com".to_owned());
        })
        .await;
    let eve =
        bench.user("eve@example.com", |user| user.name.given_name = Some("<b>Eve</b>".to_owned())).await;
    bench.send(&ada).await;
    bench.send(&eve).await;
    let mails = bench.mailbox().mails();
    assert!(mails[0].text.starts_with("Hello,\n") && !mails[0].html.contains("onerror"), "{}", mails[0].html);
    assert_eq!((mails[0].to.len(), mails[0].subject.as_str()), (1, "Set your password for Main Store"));
    assert!(!mails[1].html.contains("<b>Eve"), "{}", mails[1].html);
}

#[tokio::test]
async fn who_is_deleted_or_has_another_address_by_then_is_sent_nothing_there_g82() {
    let bench = Bench::start().await;
    let users = bench.users(3).await;
    for user in &users {
        bench.ask(user).await;
    }
    bench.tables().delete_user(&users[0], &[bench.id().clone()].into(), &[]).await.unwrap();
    let mut moved = users[1].clone();
    moved.emails[0].value = EmailAddress::new("new@example.com");
    bench.tables().update_user(&users[1], &moved, &[]).await.unwrap();
    let mut idle = users[2].clone();
    idle.active = false;
    bench.tables().update_user(&users[2], &idle, &[]).await.unwrap();
    bench.stack.settle().await.unwrap();
    let to: Vec<String> = bench.mailbox().mails().into_iter().flat_map(|mail| mail.to).collect();
    assert_eq!(to, ["new@example.com"]);
}

//! Recall in every language that people write to it in: through the operation, by words alone and with
//! the model, which was made for English and must not come in the way of the others.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::support::TestApp;

/// What is kept, and questions that must find it first among all that is kept.
const TABLE: [(&str, &str, &[&str]); 26] = [
    ("Chinese", "备份每天凌晨两点开始", &["备份什么时候开始", "凌晨备份", "备份"]),
    ("Chinese, traditional", "發票由王小姐負責處理", &["誰負責發票", "王小姐"]),
    ("Chinese with English", "我们用Rust语言重写了计费服务", &["Rust语言", "计费服务", "rust"]),
    ("Japanese", "会議は毎週月曜日の朝に行われます", &["会議はいつですか", "月曜日の会議"]),
    ("Japanese, one character", "猫が庭で寝ています", &["猫が好き", "庭の猫"]),
    ("Japanese, katakana", "サーバーのパスワードを変更しました", &["パスワード", "サーバーの変更"]),
    ("Korean", "서울 사무실은 삼월에 이사합니다", &["사무실이 언제 이사해요", "서울 사무실"]),
    (
        "Korean with particles",
        "데이터베이스를 매일 백업한다",
        &["데이터베이스 백업", "데이터베이스는"],
    ),
    ("Thai", "ร้านกาแฟเปิดทุกวันตอนเจ็ดโมงเช้า", &["ร้านกาแฟเปิดกี่โมง", "กาแฟ"]),
    ("Arabic", "تعمل المكتبة من الساعة التاسعة صباحا", &["متى تعمل المكتبة", "المكتبة"]),
    ("Arabic, vowelled", "الكِتَابُ عَلَى الطَّاوِلَةِ", &["الكتاب", "أين الكتاب على الطاولة"]),
    ("Hebrew", "הפגישה נדחתה ליום חמישי", &["מתי הפגישה", "נדחתה"]),
    ("Russian", "Договор подписан в сентябре", &["договор подписан", "ДОГОВОР"]),
    ("Greek", "Η σύμβαση λήγει τον Οκτώβριο", &["συμβαση", "ΣΎΜΒΑΣΗ λήγει"]),
    ("Hindi", "दुकान रविवार को बंद रहती है", &["दुकान कब बंद", "रविवार"]),
    (
        "French",
        "La réunion déménage à l'école près de l'hôtel",
        &["reunion ecole", "L'ÉCOLE", "hotel"],
    ),
    (
        "German",
        "Die Straße zum Rathaus wird im Frühjahr geöffnet",
        &["strasse rathaus", "geoffnet"],
    ),
    (
        "Spanish",
        "El señor Núñez pagó la factura mañana temprano",
        &["nunez factura", "señor Núñez"],
    ),
    ("Turkish", "İstanbul ofisi çarşamba günü kapalı", &["istanbul ofisi", "çarşamba"]),
    ("Vietnamese", "Cuộc họp bắt đầu lúc chín giờ sáng", &["cuộc họp", "cuoc hop bat dau"]),
    ("full width", "ＡＰＩの鍵は毎月変わる", &["API", "ＡＰＩ"]),
    (
        "camel case",
        "parseHttpHeader drops empty lines",
        &["http header", "parseHttpHeader", "parse"],
    ),
    ("snake case", "set max_retry_count to seven", &["retry count", "max_retry_count"]),
    ("a path", "limits live in src/core/rates.toml", &["rates.toml", "core rates"]),
    ("a version", "we pinned openssl-3.2.1 last week", &["openssl 3.2.1", "3.2.1", "openssl"]),
    (
        "an address",
        "mail goes to ops-team@example.org first",
        &["ops-team@example.org", "ops team"],
    ),
];

async fn every_question_finds_its_text(app: &TestApp) {
    for (_, text, _) in TABLE {
        app.owner.ok("remember", json!({ "content": text })).await;
    }
    let mut wrong = BTreeSet::new();
    for (language, text, questions) in TABLE {
        for question in questions {
            let answer = app.owner.ok("recall", json!({ "query": question, "limit": 3 })).await;
            if answer["hits"][0]["content"] != json!(text) {
                let first: &Value = &answer["hits"][0]["content"];
                wrong.insert(format!("{language}: {question} found {first}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[tokio::test]
async fn words_find_every_language() {
    every_question_finds_its_text(&TestApp::start().await).await;
}

#[tokio::test]
async fn the_model_keeps_no_language_from_being_found() {
    every_question_finds_its_text(&TestApp::with_meaning().await).await;
}

#[tokio::test]
async fn a_text_without_the_words_of_a_language_is_not_found_by_them() {
    let app = TestApp::start().await;
    for (_, text, _) in TABLE {
        app.owner.ok("remember", json!({ "content": text })).await;
    }

    for question in ["火车票", "飛行機", "자전거", "รถไฟ", "قطار", "поезд", "zebra"]
    {
        let answer = app.owner.ok("recall", json!({ "query": question })).await;
        assert_eq!(answer["count"], 0, "{question}: {answer}");
    }
}

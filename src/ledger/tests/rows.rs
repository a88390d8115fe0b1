//! What was read stays as it was read.

use super::*;

fn rows_of(origin: &Origin) -> &[u8] {
    match origin {
        Origin::Rows { rows, .. } => rows,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn each_content_keeps_its_rows_once() {
    let world = World::new().await;
    let set = |reference, content, rows: &[u8]| Incoming {
        rows: rows.to_vec(),
        ..record(reference, content)
    };
    world.read(vec![set("A1", "one", b"A1;one\r\n"), set("A2", "two", b"A2;two")]).await;
    // The same content in other words: nothing new is kept.
    world.read(vec![set("A1", "one", b"\"A1\";one\n")]).await;
    world.read(vec![set("A1", "other", b"A1;other\n")]).await;
    let list = world.ledger.list(&Filter::default(), 0).await.expect("a list");
    let mut found = Vec::new();
    for row in &list {
        for revision in world.ledger.revisions(row.movement).await.expect("revisions") {
            found.push(world.ledger.origin(revision.id).await.expect("rows"));
        }
    }
    let found: Vec<&[u8]> = found.iter().map(rows_of).collect();
    assert_eq!(found, [&b"A1;one\r\n"[..], b"A1;other\n", b"A2;two"]);
    let count = count(&world, "SELECT count(*) FROM revision_source").await;
    assert_eq!(count, 3);
    assert_eq!(world.ledger.layout(1).await.expect("a layout"), layout());
    assert_eq!(self::count(&world, "SELECT count(*) FROM layout").await, 1, "once for all files");
}

#[tokio::test]
async fn nameless_ones_are_those_of_the_newest_reading() {
    let world = World::new().await;
    let nameless = |rows: &[u8]| Incoming { key: None, rows: rows.to_vec(), ..invalid("", "?") };
    world.read(vec![nameless(b",1\n"), nameless(b",2\n")]).await;
    world.read(vec![nameless(b",3\n")]).await;
    let now = world.clock.wall_ms();
    let newest = world.ledger.nameless(Nameless::Since(now)).await.expect("records");
    let rows: Vec<&[u8]> = newest.iter().map(|row| rows_of(&row.origin)).collect();
    assert_eq!(rows, [b",3\n"]);
    assert_eq!(newest[0].findings.len(), 1);
    let all = world.ledger.nameless(Nameless::Of(&world.run)).await.expect("records");
    assert_eq!(all.len(), 3);
    assert!(world.ledger.nameless(Nameless::Since(now + 1)).await.expect("records").is_empty());
}

#[tokio::test]
async fn a_purge_leaves_the_hash() {
    let world = World::new().await;
    world.read(vec![record("A1", "one")]).await;
    let purge = "UPDATE revision_source SET packed = NULL, salt = NULL";
    sqlx::query(purge).execute(&mut *world.ledger.connection().await).await.expect("purged");
    assert_eq!(world.ledger.origin(1).await.expect("known"), Origin::Purged);
    let delete = "DELETE FROM revision_source";
    sqlx::query(delete).execute(&mut *world.ledger.connection().await).await.expect("as before");
    assert_eq!(world.ledger.origin(1).await.expect("known"), Origin::NotKept);
}

async fn count(world: &World, sql: &'static str) -> i64 {
    let (count,): (i64,) = sqlx::query_as(sql)
        .fetch_one(&mut *world.ledger.connection().await)
        .await
        .expect("a count");
    count
}

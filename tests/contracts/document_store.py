"""What every document store must do; a store's own test class inherits this and gives a `store` fixture."""

import asyncio
from datetime import timedelta

import pytest

from adapters.clock import FixedClock
from adapters.errors import DuplicateKey, StoreError, VersionConflict
from adapters.storage.store import Collection, DocumentStore, above, at_most, equals

COLLECTIONS = (Collection("things", (("colour", "size"), ("size",))), Collection("others"))


class DocumentStoreContract:
    async def test_a_new_document_is_got_back_as_it_was_put(self, store: DocumentStore) -> None:
        document = {"colour": "红", "size": 3, "nested": {"list": [1, None, "二"]}}
        put = await store.insert("things", "a", document)
        got = await store.get("things", "a")
        assert got == put
        assert got is not None
        assert got.document == document
        assert got.version == 1

    async def test_what_is_not_there_is_none(self, store: DocumentStore) -> None:
        assert await store.get("things", "a") is None

    async def test_a_key_can_be_taken_only_once(self, store: DocumentStore) -> None:
        await store.insert("things", "a", {"size": 1})
        with pytest.raises(DuplicateKey, match="'a'"):
            await store.insert("things", "a", {"size": 2})
        got = await store.get("things", "a")
        assert got is not None
        assert got.document == {"size": 1}

    async def test_of_many_who_insert_at_once_one_wins(self, store: DocumentStore) -> None:
        outcomes = await asyncio.gather(
            *(store.insert("things", "a", {"size": n}) for n in range(50)), return_exceptions=True
        )
        assert sum(not isinstance(o, DuplicateKey) for o in outcomes) == 1

    async def test_the_same_key_in_another_collection_is_free(self, store: DocumentStore) -> None:
        await store.insert("things", "a", {})
        await store.insert("others", "a", {})

    async def test_replace_needs_the_version_that_was_read(self, store: DocumentStore) -> None:
        await store.insert("things", "a", {"size": 1})
        assert await store.replace("things", "a", {"size": 2}, expected_version=1) == 2
        with pytest.raises(VersionConflict):
            await store.replace("things", "a", {"size": 3}, expected_version=1)
        got = await store.get("things", "a")
        assert got is not None
        assert (got.version, got.document) == (2, {"size": 2})

    async def test_of_many_who_replace_at_once_one_wins(self, store: DocumentStore) -> None:
        await store.insert("things", "a", {"size": 0})
        outcomes = await asyncio.gather(
            *(store.replace("things", "a", {"size": n}, expected_version=1) for n in range(50)), return_exceptions=True
        )
        assert outcomes.count(2) == 1
        assert sum(isinstance(o, VersionConflict) for o in outcomes) == 49

    async def test_replacing_what_is_not_there_is_a_conflict(self, store: DocumentStore) -> None:
        with pytest.raises(VersionConflict):
            await store.replace("things", "a", {}, expected_version=1)

    async def test_find_by_fields_in_order_with_a_limit(self, store: DocumentStore) -> None:
        for n in range(6):
            await store.insert("things", str(n), {"colour": "红" if n % 2 else "蓝", "size": 10 - n})
        red = await store.find("things", equals("colour", "红"))
        assert [s.key for s in red] == ["1", "3", "5"]
        by_size = await store.find("things", equals("colour", "红"), order_by="size", limit=2)
        assert [s.key for s in by_size] == ["5", "3"]
        latest = await store.find("things", descending=True, limit=2)
        assert [s.key for s in latest] == ["5", "4"]
        assert [s.key for s in await store.find("things", at_most("size", 6))] == ["4", "5"]
        assert [s.key for s in await store.find("things", above("size", 8))] == ["0", "1"]
        assert await store.count("things", equals("colour", "蓝")) == 3

    async def test_a_field_without_an_index_is_refused(self, store: DocumentStore) -> None:
        with pytest.raises(StoreError, match="not indexed"):
            await store.find("things", equals("weight", 1))
        with pytest.raises(StoreError, match="unknown collection"):
            await store.get("nothings", "a")

    async def test_sequences_grow_and_are_not_given_again(self, store: DocumentStore) -> None:
        first = await store.insert("things", "a", {})
        assert await store.delete("things", "a")
        second = await store.insert("things", "a", {})
        assert second.sequence > first.sequence

    async def test_delete_tells_whether_it_was_there(self, store: DocumentStore) -> None:
        await store.insert("things", "a", {})
        assert await store.delete("things", "a")
        assert not await store.delete("things", "a")

    async def test_an_expired_document_is_gone(self, store: DocumentStore, clock: FixedClock) -> None:
        await store.insert("things", "a", {"size": 1}, expires_at=clock.now() + timedelta(seconds=5))
        await store.insert("things", "b", {"size": 1})
        assert await store.get("things", "a") is not None
        clock.advance(seconds=5)
        assert await store.get("things", "a") is None
        assert [s.key for s in await store.find("things", equals("size", 1))] == ["b"]
        with pytest.raises(VersionConflict):
            await store.replace("things", "a", {}, expected_version=1)
        await store.insert("things", "a", {"size": 2})
        assert await store.delete_expired() == 0

    async def test_expired_documents_are_swept(self, store: DocumentStore, clock: FixedClock) -> None:
        for n in range(3):
            await store.insert("things", str(n), {}, expires_at=clock.now() + timedelta(seconds=n))
        clock.advance(seconds=1)
        assert await store.delete_expired() == 2
        assert [s.key for s in await store.find("things")] == ["2"]

    async def test_it_answers_a_ping(self, store: DocumentStore) -> None:
        await store.ping()

    async def test_hostile_keys_and_values_are_only_text(self, store: DocumentStore) -> None:
        key = '\'; DROP TABLE things; --\u2028${"$ne": null}'
        await store.insert("things", key, {"colour": key, "size": 1})
        assert [s.key for s in await store.find("things", equals("colour", key))] == [key]

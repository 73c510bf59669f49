"""What happens to groups: who comes, goes and is put in charge, topics, and the move to a supergroup."""

import time

from msgspec.structs import replace

from bot.simulator.errors import Refused
from bot.simulator.members import PRESENT, ChatMemberUpdated, Status, chat_member
from bot.simulator.room import Room
from bot.simulator.shapes import Chat, Message, TopicCreated, User
from bot.simulator.telegram import Telegram

TOPIC_COLOR = 0x6FB9F0


def create_group(telegram: Telegram, by: User, title: str, *, is_super: bool = False, is_forum: bool = False) -> Room:
    """Of one person; only supergroups can be forums, so who wants a forum gets one."""
    is_super = is_super or is_forum
    number = telegram.numbers.next_supergroup() if is_super else telegram.numbers.next_group()
    kind = "supergroup" if is_super else "group"
    room = Room(Chat(id=number, type=kind, title=title, is_forum=is_forum or None))
    room.members[by.id] = Status.CREATOR
    telegram.keep_room(room)
    telegram.say(room, by, **({"supergroup_chat_created": True} if is_super else {"group_chat_created": True}))
    return room


def change_person(telegram: Telegram, room: Room, by: User, person: User, status: Status) -> None:
    """The bot hears of it only by what is said about it in the group."""
    before = room.members.get(person.id, Status.LEFT)
    if Status.CREATOR in (before, status) and before is not status:
        raise Refused(409, "whoever made a group stays its creator")
    room.members[person.id] = status
    telegram.keep_room(room)
    _say_who_moved(telegram, room, by, person, before, status)


def change_bot(telegram: Telegram, room: Room, by: User, status: Status) -> None:
    """Add it, make it an admin, put it out; in a private chat, block it. It is told, in any case."""
    before, room.bot = room.bot, status
    if before is status:
        return
    telegram.keep_room(room)
    telegram.updates.add(
        my_chat_member=ChatMemberUpdated(
            chat=room.chat,
            sender=by,
            date=int(time.time()),
            old_chat_member=chat_member(telegram.bot, before),
            new_chat_member=chat_member(telegram.bot, status),
        )
    )
    if not room.is_private:
        _say_who_moved(telegram, room, by, telegram.bot, before, status)


def add_topic(telegram: Telegram, room: Room, by: User, name: str) -> Message:
    """The message that begins it; its number is the topic's."""
    if not room.chat.is_forum:
        raise Refused(409, "only a forum has topics")
    created = TopicCreated(name=name, icon_color=TOPIC_COLOR)
    message = telegram.say(room, by, forum_topic_created=created, is_topic_message=True)
    message = replace(message, message_thread_id=message.message_id)
    room.topics[message.message_id] = name
    telegram.keep_room(room)
    telegram.keep_message(room, message)
    tell_bot(telegram, room, message)
    return message


def remove_topic(telegram: Telegram, room: Room, thread: int) -> None:
    """With all that was said in it."""
    if room.topics.pop(thread, None) is None:
        raise Refused(404, "no such topic")
    telegram.keep_room(room)
    for message in [message for message in room.messages.values() if message.message_thread_id == thread]:
        telegram.delete(room, message.message_id)


def upgrade(telegram: Telegram, old: Room, by: User, *, is_forum: bool = False) -> Room:
    """A group becomes a supergroup with another number, and whoever calls it by the old one is told so."""
    if old.chat.type != "group" or old.migrated_to is not None:
        raise Refused(409, "only a group that is none yet becomes a supergroup")
    chat = replace(old.chat, id=telegram.numbers.next_supergroup(), type="supergroup", is_forum=is_forum or None)
    new = Room(chat)
    new.bot, new.members = old.bot, dict(old.members)
    telegram.keep_room(new)
    tell_bot(telegram, old, telegram.say(old, by, migrate_to_chat_id=chat.id))
    tell_bot(telegram, new, telegram.say(new, by, migrate_from_chat_id=old.chat.id))
    old.migrated_to = chat.id
    telegram.keep_room(old)
    return new


def tell_bot(telegram: Telegram, room: Room, message: Message) -> None:
    """Of what happened, which it hears of wherever it is."""
    if room.bot in PRESENT:
        telegram.updates.add(message=message)


def _say_who_moved(telegram: Telegram, room: Room, by: User, who: User, before: Status, after: Status) -> None:
    if before not in PRESENT and after in PRESENT:
        tell_bot(telegram, room, telegram.say(room, by, new_chat_members=(who,)))
    elif before in PRESENT and after not in PRESENT:
        message = telegram.say(room, by, left_chat_member=who)
        # It hears of its own end too, though it is no longer there.
        telegram.updates.add(message=message) if who.is_bot else tell_bot(telegram, room, message)

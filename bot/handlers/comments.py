"""Replies to notices, which become comments on their tasks."""

from aiogram import Bot, F, Router
from aiogram.types import CallbackQuery, Message

from bot import keyboards
from bot.callbacks import Say
from bot.links import Links
from bot.middlewares import LinkedOnly
from bot.rewriting import alert, message_of, rewrite
from bot.texts import Texts
from infra.bus import Bus
from schemas.accounts import User
from schemas.comments import AddComment
from schemas.deliveries import Delivery, FindDelivery
from schemas.ids import ChatId, MessageId, TaskId


def comment_router() -> Router:
    """A new router, because each can be included only once."""
    router = Router(name="comments")
    router.message.middleware(LinkedOnly())
    router.callback_query.middleware(LinkedOnly())
    router.message.register(comment, _to_a_notice, F.text, ~F.text.startswith("/"), ~F.forward_origin)
    router.callback_query.register(pick, Say.filter())
    return router


async def _to_a_notice(message: Message, bot: Bot, bus: Bus, person: User | None) -> bool | dict[str, Delivery]:
    """Whether a message answers something that we told the person, or the group, and what that was."""
    replied = message.reply_to_message
    if person is None or replied is None or replied.from_user is None or replied.from_user.id != bot.id:
        return False
    asked = FindDelivery(chat=ChatId(message.chat.id), message=MessageId(replied.message_id))
    delivery = await bus.request(asked)
    return {"delivery": delivery} if delivery else False


async def comment(
    message: Message, delivery: Delivery, texts: Texts, bus: Bus, person: User, links: Links, key: str
) -> None:
    tasks = tasks_of(delivery)
    if not tasks:
        await message.reply(texts.say("comment-on-nothing"))
    elif len(tasks) == 1:
        (task,) = tasks
        await message.reply(await _add(bus, person, task, message.text or "", texts, links, key))
    else:
        await message.reply(texts.say("comment-which"), reply_markup=keyboards.of_comment([*tasks.items()]))


async def pick(query: CallbackQuery, callback_data: Say, texts: Texts, bus: Bus, person: User, links: Links) -> None:
    question = await message_of(query, texts)
    if question is None:
        return
    original = question.reply_to_message
    if original is None or original.from_user is None or not original.text:
        await alert(query, texts.say("message-gone"))
        return
    if original.from_user.id != query.from_user.id:
        await alert(query, texts.say("not-yours"))
        return
    key = f"tg-{question.chat.id}-{question.message_id}"
    await rewrite(question, await _add(bus, person, callback_data.task, original.text, texts, links, key), None)
    await query.answer()


def tasks_of(delivery: Delivery) -> dict[TaskId, str]:
    """The tasks that a message told of, each with its title."""
    return {notice.task: notice.title or "" for notice in delivery.notices if notice.task}


async def _add(bus: Bus, person: User, task: TaskId, text: str, texts: Texts, links: Links, key: str) -> str:
    added = await bus.request(AddComment(by=person.id, task=task, text=text, key=key))
    return f"{texts.say('commented')} {links.number(added.team, task)}"

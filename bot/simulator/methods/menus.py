"""The bot's menus of commands."""

from bot.simulator.menus import Commands, MenuLanguage, Scope
from bot.simulator.methods.method import Method
from bot.simulator.telegram import Telegram


class SetMyCommands(Method):
    commands: Commands
    scope: Scope = Scope()
    language_code: MenuLanguage = ""

    async def run(self, telegram: Telegram) -> bool:
        self.scope.check()
        telegram.set_menu(self.scope, self.language_code, self.commands)
        return True


class DeleteMyCommands(Method):
    scope: Scope = Scope()
    language_code: MenuLanguage = ""

    async def run(self, telegram: Telegram) -> bool:
        self.scope.check()
        telegram.set_menu(self.scope, self.language_code, ())
        return True


class GetMyCommands(Method):
    scope: Scope = Scope()
    language_code: MenuLanguage = ""

    async def run(self, telegram: Telegram) -> Commands:
        self.scope.check()
        return telegram.menus.get(self.scope, self.language_code)

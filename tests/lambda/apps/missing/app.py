"""Its init fails: there is no such module."""
import a_module_that_is_not_there


def handler(event, context):
    return a_module_that_is_not_there.answer(event)

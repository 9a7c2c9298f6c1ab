import ftplib
import smtplib

import azure.functions as func

bp = func.Blueprint()


def send(address, text):
    """The tests put another smtplib here."""
    with smtplib.SMTP("localhost") as connection:
        connection.sendmail("parcels@localhost", [address], text)


def keep(name, data):
    """The tests assign another ftplib to this module."""
    with ftplib.FTP("localhost") as connection:
        connection.storbinary(f"STOR {name}", data)


@bp.queue_trigger(arg_name="message", queue_name="mail", connection="AzureWebJobsStorage")
def mail(message: func.QueueMessage) -> None:
    send(message.id, message.get_body().decode("utf-8"))

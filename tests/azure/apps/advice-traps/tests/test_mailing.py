import io
import unittest
from unittest import mock

import azure.functions as func
import mailing


class Mailing(unittest.TestCase):
    def test_mail(self):
        with mock.patch("mailing.smtplib") as smtplib:
            mailing.mail(func.QueueMessage(id="ada@localhost", body=b"sent"))
        sent = smtplib.SMTP().__enter__().sendmail
        sent.assert_called_once_with("parcels@localhost", ["ada@localhost"], "sent")

    def test_keep(self):
        before, mailing.ftplib = mailing.ftplib, mock.MagicMock()
        try:
            mailing.keep("receipt", io.BytesIO())
            mailing.ftplib.FTP.assert_called_once_with("localhost")
        finally:
            mailing.ftplib = before

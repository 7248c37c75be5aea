import gzip
import io
import logging
import time
import zipfile
from datetime import datetime, timedelta
from unittest import skipUnless

import xlsxwriter

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from ..demo.staffing_calls import as_table, invented_calls
from .staffing_common import REAL, StaffingCase

_logger = logging.getLogger(__name__)


@tagged("post_install", "-at_install")
class TestStaffingImport(StaffingCase):
    """CC-8a: what a forecast is made of comes from an earlier system, too."""

    def _history(self):
        return self.env["crm.staffing.history"].search([("queue_id", "=", self.queue.id)], order="interval_at")

    def _refused(self, content, words, **values):
        document = self._import(content, **values)
        begin = time.monotonic()
        with self.assertRaisesRegex(UserError, words):
            document.action_read()
        self.assertLess(time.monotonic() - begin, 3)
        self.assertEqual(document.state, "draft")

    def test_calls(self):
        """CC-8a: single calls are shown first, then taken over; times are of the branch's clock."""
        calls = invented_calls(self.past, 7)
        document = self._import(as_table(calls))
        document.action_read()
        self.assertEqual(document.state, "preview")
        self.assertEqual((document.row_count, document.fault_count, document.day_count), (len(calls), 0, 7))
        self.assertEqual((document.day_from, document.day_to), (self.past, self.past + timedelta(days=6)))
        self.assertEqual(document.new_count, document.interval_count)
        self.assertFalse(self._history())
        document.action_apply()
        history = self._history()
        self.assertEqual(sum(history.mapped("offered")), len(calls))
        first = calls[0][0] - timedelta(hours=7)  # Jakarta
        self.assertEqual(history[0].interval_at, first.replace(minute=first.minute // 30 * 30, second=0))
        answered = [call for call in calls if call[3] == "answered"]
        self.assertEqual(sum(history.mapped("answered")), len(answered))
        self.assertEqual(sum(history.mapped("handle_seconds")), sum(call[2] for call in answered))
        self.assertEqual(sum(history.mapped("in_target")), sum(call[1] <= 20 for call in answered))

    def test_again(self):
        """CC-8a: the same file again changes nothing, a corrected one what differs; it can be taken back."""
        calls = invented_calls(self.past, 2)
        self._take_over(as_table(calls))
        before = {line.id: (line.offered, line.write_date) for line in self._history()}
        again = self._take_over(as_table(calls, ";"), name="calls.csv")
        self.assertEqual((again.new_count, again.changed_count), (0, 0))
        self.assertEqual({line.id: (line.offered, line.write_date) for line in self._history()}, before)
        corrected = self._take_over(as_table([*calls, (*calls[0][:2], 77, "answered")]))
        self.assertEqual((corrected.new_count, corrected.changed_count), (0, 1))
        corrected.action_undo()
        self.assertEqual(len(self._history()), len(before) - 1)

    def test_files_go(self):
        """CC-8a: a month after its end a file is gone, the history stays."""
        document = self._take_over(as_table(invented_calls(self.past, 1)))
        count = len(self._history())
        self.env["crm.staffing.import"]._gc_files()
        self.assertTrue(document.with_context(bin_size=False).file)
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE crm_staffing_import SET write_date = write_date - INTERVAL '31 days' WHERE id = %s", (document.id,)
        )
        self.env.invalidate_all()
        self.env["crm.staffing.import"]._gc_files()
        self.env.invalidate_all()
        self.assertFalse(document.file or document.line_ids)
        self.assertEqual(len(self._history()), count)

    def test_own_stay(self):
        """CC-8a: what was counted here isn't overwritten by a file."""
        contact = self._finish(self._talk())
        self.env["crm.staffing.history"]._count_own()
        own = self._history()
        local = self.branch_a._local(own.interval_at)
        table = f"interval_at\toffered\tanswered\n{local:%Y-%m-%d %H:%M}\t50\t40\n"
        document = self._take_over(table.encode())
        self.assertEqual(document.own_count, 1)
        self.assertEqual((own.offered, own.source), (1, "own"))
        self.assertTrue(contact)

    def test_counts(self):
        """CC-8a: counts per interval, of several channels; each faulty row is refused with its number, and why."""
        past = f"{self.past:%Y-%m-%d}"
        rows = [
            "interval_at,minutes,channel,offered,answered,in_target,abandoned,handle_seconds,wait_seconds",
            f"{past} 08:00,30,call,10,8,6,2,1600,200",
            f"{past} 08:00,30,chat,3,3,3,0,900,10",
            f"{past} 08:00,30,call,10,8,6,2,1600,200",
            f"{past} 08:10,30,call,1,1,1,0,1,1",
            f"{past} 09:00,20,call,1,1,1,0,1,1",
            "",
            f"{past} 09:00,30,fax,1,1,1,0,1,1",
            f"{past} 09:00,30,call,1,2,1,0,1,1",
            f"{past} 09:00,30,call,-1,2,1,0,1,1",
            f"{past} 09:00,30,call,1e3,2,1,0,1,1",
            "31/02/2026,30,call,1,1,1,0,1,1",
            "2999-01-01 09:00,30,call,1,1,1,0,1,1",
        ]
        document = self._import("\n".join(rows).encode(), name="counts.csv")
        document.action_read()
        self.assertEqual((document.kind, document.row_count, document.fault_count), ("counts", 11, 9))
        self.assertEqual(
            [(fault.number, fault.code) for fault in document.fault_ids],
            [
                (4, "double"),
                (5, "aligned"),
                (6, "minutes"),
                (8, "channel"),
                (9, "counts"),
                (10, "number"),
                (11, "number"),
                (12, "moment"),
                (13, "future"),
            ],
        )
        self.assertIn("row 2", document.fault_ids[0].words)
        self.assertEqual(document.contact_count, 13)

    def test_workbook(self):
        """CC-8a: the first sheet of a spreadsheet."""
        stream = io.BytesIO()
        calls = invented_calls(self.past, 1)
        with xlsxwriter.Workbook(stream, {"in_memory": True}) as book:
            sheet = book.add_worksheet()
            moment = book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"})
            sheet.write_row(0, 0, ("Started at", "Wait seconds", "Handle seconds", "Outcome"))
            for place, call in enumerate(calls, 1):
                sheet.write_datetime(place, 0, call[0], moment)
                sheet.write_row(place, 1, call[1:])
        document = self._take_over(stream.getvalue(), name="calls.xlsx")
        self.assertEqual((document.row_count, document.fault_count), (len(calls), 0))
        self.assertEqual(sum(self._history().mapped("offered")), len(calls))

    def test_bombs(self):
        """CC-8a: what is very much of nothing inside, or isn't a table, is refused, soon and in words."""
        zeros = gzip.compress(b"\0" * (200 << 20), 1)
        self._refused(zeros, "64 MB")
        self._refused(b"".join([gzip.compress(b"a\n" * (20 << 20), 1)] * 4), "64 MB")
        stream = io.BytesIO()
        with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("xl/workbook.xml", b" " * (100 << 20))
        self._refused(stream.getvalue(), "64 MB", name="bomb.xlsx")
        self._refused(b"offered\n1\n", "Missing: the time")
        self._refused(b"interval_at,offered\n" + b"2020-01-01,1\n" * 300_002, "300,000")
        self._refused(gzip.compress(b"x")[:-4], "damaged")
        self._refused(b"%PDF-1.4", "no table")
        self._refused(b"PK\x03\x04 not at all", "damaged")
        self._refused(b"<html><table>", "no table")
        self._refused(b" \n ", "empty")
        self._refused(b"a\tb\nc\td", "Missing")

    def test_rights(self):
        """CC-8a: supervisors import, into their branches; figures aren't typed; agents see no history."""
        content = as_table(invented_calls(self.past, 1))
        with self.assertRaises(AccessError):
            self._import(content, user=self.agent_1.user_id)
        with self.assertRaises(AccessError):
            self._import(content, queue_id=self.queue_b.id)
        document = self._import(content)
        with self.assertRaises(UserError):
            document.write({"row_count": 9})
        with self.assertRaises(UserError):
            document.write({"state": "done"})
        document.action_read()
        other = self._create_user("test_supervisor_b", "crm_contact_center.group_supervisor", self.branch_b)
        with self.assertRaises(AccessError):
            document.with_user(other).action_apply()
        document.action_apply()
        history = self._history()[0]
        with self.assertRaises(AccessError):
            history.with_user(self.agent_1.user_id).read(["offered"])
        with self.assertRaises(AccessError):
            history.with_user(self.supervisor).write({"offered": 99})
        self.assertFalse(self.env["crm.staffing.history"].with_user(other).search([("id", "=", history.id)]))

    def test_own_count(self):
        """CC-8a: own contacts are counted by SQL, again without doubles, and again when they settle."""
        self._finish(self._talk())
        waiting = self._enter()
        history = self.env["crm.staffing.history"]
        history._count_own()
        line = self._history()
        self.assertEqual((line.offered, line.answered, line.abandoned, line.source), (2, 1, 0, "own"))
        waiting._abandon()
        history._count_own()
        line.invalidate_recordset()
        self.assertEqual(self._history(), line)
        self.assertEqual((line.offered, line.answered, line.abandoned), (2, 1, 1))
        self.env["crm.staffing.presence"]._cron_count()
        self.assertEqual(line.offered, 2)

    def test_own_count_of_given_up_hand_over(self):
        """CC-8a: who was answered, handed over and then hung up was answered; the count doesn't stumble over it."""
        contact = self._talk()
        contact.with_user(self.agent_1.user_id).action_transfer(queue_id=self.queue.id)
        contact._abandon()
        self.env["crm.staffing.presence"]._cron_count()
        line = self._history()
        self.assertEqual((contact.state, line.offered, line.answered, line.abandoned), ("abandoned", 1, 1, 0))

    def test_own_count_of_call_backs(self):
        """CC-8a: who came while it was closed still came after we called back; our own call adds nothing."""
        contact = self._enter(phone="+6281234567890")
        contact.callback_at = contact.entered_at
        contact._workflow_do("postpone")
        history = self.env["crm.staffing.history"]
        history._count_own()
        line = self._history()
        self.assertEqual((line.offered, line.answered), (1, 0))
        self.contacts._resume_due()
        self._come(self.agent_1)
        self._route()
        contact._answer()
        self._finish(contact)
        history._count_own()
        line.invalidate_recordset()
        self.assertEqual((line.offered, line.answered, line.handle_seconds), (1, 0, 0))

    @skipUnless(REAL.exists(), "the real calls aren't there")
    def test_real(self):
        """CC-8a: 25,890 real calls of three weeks, in less than ten seconds."""
        begin = time.monotonic()
        document = self._take_over(REAL.read_bytes(), name=REAL.name)
        seconds = time.monotonic() - begin
        _logger.info("%s calls read, counted and taken over in %.2f s", document.row_count, seconds)
        self.assertEqual((document.row_count, document.fault_count, document.ignored_count), (25_890, 0, 221))
        self.assertEqual((document.contact_count, document.day_count), (25_669, 21))
        self.assertEqual(str(document.day_from), "1999-02-01")
        self.assertLess(seconds, 10)
        self.assertEqual(sum(self._history().mapped("abandoned")), 4_770)

    def test_summer_time(self):
        """CC-8a: the hours that a clock skips or repeats make no fault and lose nothing."""
        self.branch_a.tz = "Europe/Warsaw"
        calls = [
            (datetime(2025, month, day, hour, 10), 1, 60, "answered")
            for month, day in ((3, 30), (10, 26))
            for hour in range(6)
        ]
        document = self._take_over(as_table(calls))
        self.assertEqual((document.fault_count, document.contact_count), (0, 12))
        self.assertLess(max(self._history().mapped("interval_at")), fields.Datetime.now())

#!/usr/bin/env perl
# Speak to a gateway with Perl's Net::SMPP and print one line per fact.
#
#     net_smpp_client.pl HOST PORT URL RECIPIENT SHORT LONG
#
# Binds as transmitter and as receiver (and unbinds), then as transceiver: submits both texts in
# UCS2, the long one in segments joined by sar_* TLVs, waits for their receipts and for the reply
# that it has injected through the HTTP API.
use strict;
use warnings;
use utf8;
use open qw(:std :encoding(UTF-8));
use Encode qw(decode encode);
use HTTP::Tiny;
use Net::SMPP;

$| = 1;
alarm 30;
my ($host, $port, $url, $recipient, @texts) = map { decode('UTF-8', $_) } @ARGV;
my $access_number = '106590990371';
my %account = (port => $port, system_id => 'police', password => 'secret08');

sub bound {
    my ($smpp, $answer, $mode) = @_;
    die "no $mode\n" unless $smpp;
    die "bind_$mode was refused: " . $answer->explain_status . "\n" if $answer->status;
    print "bound $mode\n";
    return $smpp;
}

# In list context the constructors give the connection and the answer to the bind.
for my $mode ('transmitter', 'receiver') {
    my $constructor = "new_$mode";
    my $smpp = bound(Net::SMPP->$constructor($host, %account), $mode);
    my $answer = $smpp->unbind or die "no unbind_resp\n";
    die "unbind was refused\n" if $answer->status;
    close $smpp;
}

my $smpp = bound(Net::SMPP->new_transceiver($host, %account), 'transceiver');
${*$smpp}{async} = 1;

my $reference = 7;
for my $text (@texts) {
    my $octets = encode('UTF-16BE', $text);
    my $size = length($octets) > 140 ? 134 : 140;
    my @segments = unpack "(a$size)*", $octets;
    my $number = 0;
    for my $segment (@segments) {
        $number++;
        my @sar = @segments == 1 ? () : (
            sar_msg_ref_num => pack('n', $reference),
            sar_total_segments => pack('C', scalar @segments),
            sar_segment_seqnum => pack('C', $number),
        );
        $smpp->submit_sm(
            source_addr_ton => 2, source_addr_npi => 1, source_addr => $access_number,
            dest_addr_ton => 1, dest_addr_npi => 1, destination_addr => $recipient,
            data_coding => 8, registered_delivery => 1, short_message => $segment, @sar,
        ) or die "submit_sm could not be sent\n";
    }
}

sub reply {
    my $body = encode('UTF-8', qq({"from": "$recipient", "to": "$access_number", "text": "收到"}));
    my $answer = HTTP::Tiny->new->post("$url/api/v1/mo",
        { content => $body, headers => { 'Content-Type' => 'application/json' } });
    die "POST mo was answered $answer->{status}\n" unless $answer->{status} == 202;
}

sub receipt {
    my ($text) = @_;
    my ($id, $stat) = $text =~ /id:(\S+) .*stat:(\S+)/ or die "no receipt: $text\n";
    print "receipt $id $stat\n";
}

my ($submitted, $receipts, $uplink) = (0, 0, 0);
until ($uplink) {
    my $pdu = $smpp->read_pdu or die "the session ended: ${*$smpp}{smpperror}\n";
    if ($pdu->cmd == Net::SMPP::CMD_submit_sm_resp) {
        die "submit_sm was refused: " . $pdu->explain_status . "\n" if $pdu->status;
        print "submitted $pdu->{message_id}\n";
        $submitted++;
    } elsif ($pdu->cmd == Net::SMPP::CMD_deliver_sm) {
        $smpp->deliver_sm_resp(message_id => '', seq => $pdu->seq);
        if (($pdu->{esm_class} & 0x3c) == 4) {
            receipt($pdu->{short_message});
            reply() if ++$receipts == 4;
        } else {
            my $text = decode($pdu->{data_coding} == 8 ? 'UTF-16BE' : 'ASCII', $pdu->{short_message});
            print "uplink $pdu->{source_addr} $text\n";
            $uplink = 1;
        }
    } elsif ($pdu->cmd == Net::SMPP::CMD_enquire_link) {
        $smpp->enquire_link_resp(seq => $pdu->seq);
    }
}

${*$smpp}{async} = 0;
my $answer = $smpp->unbind or die "no unbind_resp\n";
die "unbind was refused\n" if $answer->status;
print "unbound\n";

"""Hold the sample texts of a police force's day; all names and numbers are invented."""

from __future__ import annotations

from typing import NamedTuple


class Sample(NamedTuple):
    """Hold one text with its service, its length in characters and its domestic segments."""

    id: str
    category: str
    service: str
    characters: int
    segments: int
    text: str


# fmt: off
# ruff: noqa: E501
SAMPLES: tuple[Sample, ...] = (
    Sample("T01", "verify", "instant", 57, 1, "【示例警务】验证码482913，用于登录“示例政务”警务服务，5分钟内有效。民警不会向您索要验证码，请勿告知他人。"),
    Sample("T02", "verify", "instant", 47, 1, "【示例警务】您正在办理账号手机号变更，验证码730651，10分钟内有效。如非本人操作请忽略。"),
    Sample("T03", "appointment", "ordinary", 67, 1, "【示例警务】王先生您好，您已预约3月18日上午9:30在示例市出入境接待大厅办理普通护照，预约号A0317，请携带身份证原件按时到场。"),
    Sample("T04", "appointment_reminder", "ordinary", 64, 1, "【示例警务】温馨提示：您预约的驾驶证期满换证业务将于明天14:00办理，地点示例区车管分所3号窗口。如需改期请登录预约系统操作。"),
    Sample("T05", "appointment_cancel", "ordinary", 59, 1, "【示例警务】您预约的户籍业务（预约号H20260117）已取消。如需办理请重新预约，咨询电话0371-0000000。"),
    Sample("T06", "case_accepted", "ordinary", 79, 2, "【示例警务】您于2026年3月2日报称的自行车被盗一案已受理，受案编号SL-000123。承办民警李某，联系电话0371-0000001，您可凭编号查询进展。"),
    Sample("T07", "case_filed", "ordinary", 57, 1, "【示例警务】您报称的财物被盗一案（受案编号SL-000123）经审查已依法立案侦查，立案告知书可到示例派出所领取。"),
    Sample("T08", "case_progress", "ordinary", 65, 1, "【示例警务】受案编号SL-000123有新的办理进展，请登录“示例警务”公开查询平台，凭受案编号及查询密码查看，短信不含案件详情。"),
    Sample("T09", "case_closed", "ordinary", 58, 1, "【示例警务】受案编号SL-000123的案件已办结，请于15个工作日内携带本人身份证到示例派出所领取相关文书及物品。"),
    Sample("T10", "satisfaction", "ordinary", 59, 1, "【示例警务】您近期到示例派出所办理了业务，请对服务作出评价：非常满意回复1，满意回复2，不满意回复3。回复免收信息费。"),
    Sample("T11", "antifraud", "ordinary", 65, 1, "【示例警务】反诈提醒：公检法机关不会通过电话办案，不存在“安全账户”。凡要求转账、共享屏幕的均为诈骗，请挂断并拨打96110咨询。"),
    Sample("T12", "antifraud_target", "instant", 60, 1, "【示例警务】紧急提醒：您可能正在遭遇电信网络诈骗，请立即停止转账汇款，不要透露验证码。如需帮助请拨打96110或110。"),
    Sample("T13", "antifraud_season", "ordinary", 56, 1, "【示例警务】开学季防骗提示：收到“班级群收费”“助学金”信息请先向老师当面核实，不点陌生链接，不向个人账户转账。"),
    Sample("T14", "traffic_violation", "ordinary", 71, 2, "【示例警务】您名下小型汽车（尾号1234）于2026年2月20日08:15在示例大道与示例路交叉口有一条交通违法记录，请登录交管平台查看处理。"),
    Sample("T15", "vehicle_inspection", "ordinary", 59, 1, "【示例警务】您名下小型汽车（尾号1234）检验有效期至2026年5月31日，请在有效期内办理检验，逾期上路将依法处理。"),
    Sample("T16", "license_expiry", "ordinary", 50, 1, "【示例警务】您的机动车驾驶证将于2026年6月30日有效期满，可提前90日办理换证，详询示例车管所。"),
    Sample("T17", "move_car", "instant", 49, 1, "【示例警务】群众反映您的车辆（尾号1234）停放在示例小区3号楼前妨碍通行，请尽快驶离，谢谢配合。"),
    Sample("T18", "idcard_pickup", "ordinary", 53, 1, "【示例警务】您的居民身份证已制作完成，请携带领证凭证到示例派出所户籍窗口领取，工作日9:00-17:00。"),
    Sample("T19", "passport_pickup", "ordinary", 61, 1, "【示例警务】您申请的普通护照已制作完成并交付邮寄，邮件号EMS000000000。如未收到请拨打0371-0000002。"),
    Sample("T20", "residence_permit", "ordinary", 46, 1, "【示例警务】您的居住证签注将于30日后到期，请及时到居住地派出所或通过网上平台办理签注手续。"),
    Sample("T21", "road_control", "ordinary", 62, 1, "【示例警务】3月22日（周日）6:00至12:00，示例市马拉松期间示例大道全线临时交通管制，请提前规划路线，绕行示例北路。"),
    Sample("T22", "weather_traffic", "ordinary", 45, 1, "【示例警务】受大雾影响，示例高速示例段部分收费站临时关闭，请减速慢行，保持车距，开启雾灯。"),
    Sample("T23", "lost_property", "ordinary", 46, 1, "【示例警务】您遗失的物品已由热心群众交至示例派出所，请携带有效证件前来认领，保管期限6个月。"),
    Sample("T24", "internal_duty", "ordinary", 48, 1, "【示例警务】值班通知：请三中队全体人员于今日18:30前到岗签到，收到请回复1。（内部工作信息）"),
    Sample("T25", "internal_training", "ordinary", 50, 1, "【示例警务】培训通知：4月10日9:00在分局301会议室开展信息系统操作培训，请相关人员准时参加。"),
    Sample("T26", "unsub_ack", "ordinary", 41, 1, "【示例警务】您已退订便民提醒类短信，今后不再向您发送该类信息。如需恢复请回复KT。"),
    Sample("T27", "resub_ack", "ordinary", 28, 1, "【示例警务】您已恢复接收便民提醒类短信。退订请回复TD。"),
    Sample("T28", "help", "ordinary", 58, 1, "【示例警务】可回复：CX查询办事进度，TD退订便民提醒，KT恢复。客服电话0371-0000000（7×24小时）。"),
    Sample("T29", "ascii", "instant", 56, 1, "[DEMO POLICE] Code 482913, valid 5 min. Do not share it."),
    Sample("T30", "long", "ordinary", 161, 3, "【示例警务】便民提示：一、办理身份证可提前网上预约，全省任一户籍窗口均可受理；二、首次申领、损坏换领、丢失补领均需本人到场采集指纹和人像；三、急需使用的可同时申请临时居民身份证；四、领取证件可选择邮寄到家；五、办理进度可在预约平台查询。窗口咨询电话0371-0000000，工作日9:00至17:00，感谢您的理解和配合。"),
)
# fmt: on

BY_ID: dict[str, Sample] = {sample.id: sample for sample in SAMPLES}
